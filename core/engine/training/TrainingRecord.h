// Where a run's news goes as it trains, and where its commands come from: the project file, or a test's memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/project/MetricStore.h"
#include "core/project/RunStore.h"

namespace lossmith::engine {

class TrainingRecord {
public:
    virtual ~TrainingRecord() = default;

    [[nodiscard]] virtual Status total_steps(std::int64_t steps) = 0;
    /// Step `step` is done; its metrics. May be kept back for a moment; flush() writes what is kept.
    [[nodiscard]] virtual Status metrics(std::int64_t step, std::span<const Metric> metrics) = 0;
    [[nodiscard]] virtual Status flush() = 0;
    [[nodiscard]] virtual Status event(std::int64_t step, const std::string& kind, const std::string& message) = 0;
    [[nodiscard]] virtual Status best(std::int64_t step, double validation_loss) = 0;
    [[nodiscard]] virtual Status sample(const Sample& sample) = 0;
    [[nodiscard]] virtual Status completions(const std::vector<RewardedCompletion>& completions) = 0;
    /// A checkpoint folder is complete on disk. Gives the id under which it may be removed again.
    [[nodiscard]] virtual Result<std::int64_t> checkpoint(const lossmith::Checkpoint& checkpoint, const std::filesystem::path& folder) = 0;
    [[nodiscard]] virtual Status checkpoint_removed(std::int64_t id) = 0;
    [[nodiscard]] virtual Result<std::vector<RunCommand>> commands() = 0;
    [[nodiscard]] virtual Status paused(bool paused) = 0;
};

}  // namespace lossmith::engine
