// A training record that writes into the project file.
#pragma once

#include <chrono>
#include <vector>

#include "core/engine/training/TrainingRecord.h"
#include "core/project/Project.h"

namespace lossmith::engine {

/// Metrics are kept back for up to a tenth of a second, so that small models are not slowed by one transaction a step.
class ProjectRecord final : public TrainingRecord {
public:
    ProjectRecord(Project& project, std::int64_t run) : m_project(project), m_run(run) {}

    [[nodiscard]] Status total_steps(std::int64_t steps) override;
    [[nodiscard]] Status metrics(std::int64_t step, std::span<const Metric> metrics) override;
    [[nodiscard]] Status flush() override;
    [[nodiscard]] Status event(std::int64_t step, const std::string& kind, const std::string& message) override;
    [[nodiscard]] Status best(std::int64_t step, double validation_loss) override;
    [[nodiscard]] Status sample(const Sample& sample) override;
    [[nodiscard]] Status completions(const std::vector<RewardedCompletion>& completions) override;
    [[nodiscard]] Result<std::int64_t> checkpoint(const lossmith::Checkpoint& checkpoint, const std::filesystem::path& folder) override;
    [[nodiscard]] Status checkpoint_removed(std::int64_t id) override;
    [[nodiscard]] Result<std::vector<RunCommand>> commands() override;
    [[nodiscard]] Status paused(bool paused) override;

private:
    using Clock = std::chrono::steady_clock;

    Project& m_project;
    std::int64_t m_run;
    std::vector<Metric> m_kept;
    std::int64_t m_kept_step = 0;
    Clock::time_point m_last_write;
    Clock::time_point m_last_look;
};

}  // namespace lossmith::engine
