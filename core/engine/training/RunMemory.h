// How much memory a run holds when it holds most, reckoned from its model, its plan and its config.
#pragma once

#include <cstdint>

#include "core/config/RunConfig.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Gpt2.h"

namespace lossmith::engine {

/// What a step has to hold.
struct StepLoad {
    std::int64_t widest_micro_batch = 0;  ///< tokens, padding included
    bool separable_loss = true;           ///< logits are then computed a few places at a time
    bool in_place = false;                ///< the loss needs no room beside the logits
    bool compared = false;                ///< with the model's logits before the run
};

/// Bytes of one of the run's processes. `model` as it is trained: adapter beside it, gradients asked for.
[[nodiscard]] std::int64_t run_memory(const Gpt2& model, const RunConfig& config, const StepLoad& load);

}  // namespace lossmith::engine
