// A few steps' parts timed on the model itself, so that a run's time can be told before it starts.
#pragma once

#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/data/Template.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Gpt2.h"

namespace lossmith::engine {

/// Seconds.
struct Pace {
    double per_token = 0.0;  ///< forward and backward
    double per_pair = 0.0;   ///< the same, of each token with each of its row: attention
    double per_update = 0.0;

    [[nodiscard]] double of(double tokens, double pairs) const { return per_token * tokens + per_pair * pairs; }
};

/// Times shorter and longer rows, no more of them than give a steady figure, so that asking again while a form is edited stays quick; and
/// the optimiser on a part of the weights. The model's gradients are asked for already; its weights do not move.
[[nodiscard]] Result<Pace> calibrate(Gpt2& model, const Objective& objective, const std::vector<Example>& examples, const RunConfig& config,
                                     const CancellationToken& cancelled);

}  // namespace lossmith::engine
