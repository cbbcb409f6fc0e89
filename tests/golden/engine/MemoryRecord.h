// A run's record in memory.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/training/Trainer.h"
#include "core/engine/training/TrainingRecord.h"

/// Keeps everything in memory; stops the run after a chosen step.
class MemoryRecord final : public lossmith::engine::TrainingRecord {
public:
    std::map<std::pair<std::int64_t, std::string>, double> values;
    std::vector<std::pair<std::string, std::string>> events;
    std::map<std::int64_t, lossmith::Checkpoint> checkpoints;
    std::vector<lossmith::RewardedCompletion> completed;
    std::int64_t stop_after = -1;
    std::int64_t step = 0;

    lossmith::Status total_steps(std::int64_t) override { return {}; }
    lossmith::Status metrics(std::int64_t at, std::span<const lossmith::Metric> news) override {
        step = at;
        for (const lossmith::Metric& metric : news) values[{metric.step, metric.name}] = metric.value;
        return {};
    }
    lossmith::Status flush() override { return {}; }
    lossmith::Status event(std::int64_t, const std::string& kind, const std::string& message) override {
        events.emplace_back(kind, message);
        return {};
    }
    lossmith::Status best(std::int64_t, double) override { return {}; }
    lossmith::Status sample(const lossmith::Sample&) override { return {}; }
    lossmith::Status completions(const std::vector<lossmith::RewardedCompletion>& more) override {
        completed.insert(completed.end(), more.begin(), more.end());
        return {};
    }
    lossmith::Result<std::int64_t> checkpoint(const lossmith::Checkpoint& checkpoint, const std::filesystem::path&) override {
        checkpoints[++m_next] = checkpoint;
        checkpoints[m_next].id = m_next;
        return m_next;
    }
    lossmith::Status checkpoint_removed(std::int64_t id) override {
        checkpoints.erase(id);
        return {};
    }
    lossmith::Result<std::vector<lossmith::RunCommand>> commands() override {
        if (stop_after >= 0 && step >= stop_after) return std::vector{lossmith::RunCommand::Stop};
        return std::vector<lossmith::RunCommand>{};
    }
    lossmith::Status paused(bool) override { return {}; }

private:
    std::int64_t m_next = 0;
};

/// From its beginning, or from a checkpoint.
inline lossmith::engine::TrainingOutcome to_its_end(lossmith::engine::Trainer& trainer, const std::filesystem::path& resume) {
    if (!resume.empty() && !trainer.resume_from(resume, {})) throw std::runtime_error("not resumed");
    auto outcome = trainer.run();
    if (!outcome) throw std::runtime_error(describe(outcome.error()));
    return *outcome;
}
