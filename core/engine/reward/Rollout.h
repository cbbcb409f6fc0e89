// One round of completions: drawn from the model for a step's prompts, rewarded, and weighed against one another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RewardSpec.h"
#include "core/data/Template.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/generation/SamplePrompt.h"
#include "core/engine/model/Gpt2.h"
#include "core/engine/reward/CollapseWatch.h"
#include "core/engine/reward/Reward.h"

namespace lossmith::engine {

struct Completion {
    std::size_t prompt = 0;  ///< index into the round's prompts
    GeneratedText text;
    RewardValue reward;
    double advantage = 0.0;
};

struct Rollout {
    std::vector<Completion> completions;  ///< prompt by prompt, num_generations each
    std::vector<Example> examples;        ///< parallel: prompt and completion, of which the completion alone is labelled
    std::vector<std::pair<std::string, double>> reward_parts;  ///< each part's mean
    RoundFigures figures;                                      ///< entropy and kl are not yet known
};

struct RolloutSetting {
    const RewardSpec& spec;
    const Reward& reward;
    std::uint64_t seed = 0;               ///< with the moment's step it decides what is drawn
    std::optional<double> baseline = {};  ///< for reinforce; absent: the mean of these rewards
    bool bf16 = false;
    LossMoment moment = {};
};

/// Cancelled when told so; a reward's own errors.
[[nodiscard]] Result<Rollout> roll_out(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<SamplePrompt>& prompts,
                                       const RolloutSetting& setting, const CancellationToken& cancelled = {});

/// What each labelled token of an example of the rollout counts for, so that the sum over all is the method's loss: a mean over all tokens;
/// for grpo over completions of the mean over a completion's tokens; for minimum_risk over prompts of the sum over tokens.
[[nodiscard]] std::vector<double> token_weights(const Rollout& rollout, const RewardSpec& spec);

/// The greedy replies and their rewards.
struct GreedyReplies {
    std::vector<GeneratedText> texts;
    std::vector<RewardValue> rewards;
};
[[nodiscard]] Result<GreedyReplies> greedy_replies(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<SamplePrompt>& prompts,
                                                   const RolloutSetting& setting, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
