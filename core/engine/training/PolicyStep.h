// What a step is for a run by reward: a round of completions, and the policy gradient over them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Gpt2.h"
#include "core/engine/reward/PolicyLoss.h"
#include "core/engine/reward/Rollout.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/TrainingStep.h"
#include "core/project/RunStore.h"

namespace lossmith::engine {

struct PolicyRound {
    std::vector<SamplePrompt> prompts;
    Rollout rollout;
    PlannedStep micro_batches;    ///< of the rollout's examples
    std::vector<double> weights;  ///< token_weights()
    PolicyTrace drawn;  ///< each token's figures when it was drawn, in the order of the micro-batches; empty before the first pass
};

/// Draws completions for the prompts of a planned step's rows. `baseline`: the running mean of rewards so far, for reinforce; absent at
/// the first step, whose own mean then stands for it.
[[nodiscard]] Result<PolicyRound> draw_round(const Gpt2& model, const Tokenizer& tokenizer, const Objective& objective,
                                             const std::vector<SamplePrompt>& train_prompts, const PlannedStep& planned,
                                             const RunConfig& config, const LossMoment& moment, std::optional<double> baseline,
                                             const CancellationToken& cancelled = {});

/// Adds the policy gradient, dropout off, to the parameters' gradients. The first pass over a round records the tokens' log-probabilities
/// as they were drawn; later ones are measured against them. The result's parts are policy, kl, entropy and clipped.
[[nodiscard]] Result<StepLoss> accumulate_policy_gradients(const Gpt2& model, const Objective& objective, PolicyRound& round,
                                                           const RunConfig& config, const LossMoment& moment);

/// What is kept of a round that was passed over once: the completions of its first prompts, with each token's figures.
[[nodiscard]] std::vector<RewardedCompletion> noted_completions(const PolicyRound& round, const Tokenizer& tokenizer, std::int64_t step,
                                                                std::size_t most_prompts);

}  // namespace lossmith::engine
