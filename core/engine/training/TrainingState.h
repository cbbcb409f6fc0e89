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
    std::int64_t step = 0;                          ///< steps done
    std::int64_t best_step = 0;
    std::optional<double> best_validation_loss;
    int validations_without_improvement = 0;
    int threads = 0;                                ///< the sums' order depends on it: resumed with another count, bits may differ
};

/// Writes training_state.json and optimizer.safetensors into a checkpoint's folder.
[[nodiscard]] Status write_training_state(const std::filesystem::path& folder, const TrainingState& state, const AdamW& optimizer);

[[nodiscard]] Result<TrainingState> read_training_state(const std::filesystem::path& folder, AdamW& optimizer);

}  // namespace lossmith::engine
