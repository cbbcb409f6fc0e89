// One step's forward and backward passes over its micro-batches, and the loss over validation rows.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/data/Template.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Gpt2.h"
#include "core/engine/training/BatchPlan.h"

namespace lossmith::engine {

struct StepLoss {
    double mean = 0.0;  ///< over the labelled tokens of all the step's micro-batches, or over its rows: the loss's unit
    std::int64_t labelled = 0;
    std::int64_t real_tokens = 0;                       ///< padding not counted
    std::vector<std::pair<std::string, double>> parts;  ///< each part's mean
};

/// What a micro-batch's gradient is taken in: the blocks forward, the head with the loss both ways, the blocks backward.
enum class StepPart { Forward, Head, Backward };

/// How a step's gradient is taken, beside the run's config.
struct GradientPass {
    double weight = 1.0;  ///< of the step's mean loss
    bool dropout = true;
    /// What is known of the drawn tokens of these rows, in the order of their labels. When set, its weights say what the loss is the
    /// sum of, and StepLoss has sums instead of means.
    std::function<SampledTokens(std::span<const std::size_t> rows)> sampled = {};
    /// Of the step's micro-batches only every `ranks`-th, from `rank` on: the others are computed elsewhere, and all add up to the step.
    std::size_t rank = 0;
    std::size_t ranks = 1;
    /// Told at the end of each part of a micro-batch.
    std::function<void(StepPart)> passed = {};
};

/// Adds the gradient of the step's mean loss to the parameters' gradients. Every micro-batch is weighted by its labelled
/// tokens (or rows), so that how a step is cut into micro-batches changes nothing. `moment.step` counts from zero and keys the dropout.
[[nodiscard]] Result<StepLoss> accumulate_gradients(const Gpt2& model, const Objective& objective, const std::vector<Example>& examples,
                                                    const PlannedStep& planned, const RunConfig& config, const LossMoment& moment,
                                                    const GradientPass& pass = {});

/// Mean loss over all labelled tokens (or rows) of the examples, dropout off.
[[nodiscard]] Result<StepLoss> mean_loss(const Gpt2& model, const Objective& objective, const std::vector<Example>& examples,
                                         int batch_size, bool bf16, const LossMoment& moment = {}, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
