// Everything beside the weights that a run needs to go on exactly where it was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/base/Result.h"
#include "core/engine/training/AdamW.h"

namespace lossmith::engine {

/// Randomness has no state: batch order, dropout and samples are functions of seed and step.
struct TrainingState {
    std::int64_t step = 0;  ///< steps done
    std::int64_t best_step = 0;
    std::optional<double> best_validation_loss;
    std::optional<double> best_validation_reward;  ///< for a run by reward, whose best is chosen by it
    int validations_without_improvement = 0;
    int threads = 0;                        ///< the sums' order depends on it: resumed with another count, bits may differ
    std::optional<double> reward_baseline;  ///< the running mean of rewards
    std::int64_t updates = 0;               ///< of the weights: a step by reward may hold several
};

/// Writes training_state.json and optimizer.safetensors into a checkpoint's folder.
[[nodiscard]] Status write_training_state(const std::filesystem::path& folder, const TrainingState& state, const AdamW& optimizer);

[[nodiscard]] Result<TrainingState> read_training_state(const std::filesystem::path& folder, AdamW& optimizer);

}  // namespace lossmith::engine
