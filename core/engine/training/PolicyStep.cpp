#include "core/engine/training/PolicyStep.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <numeric>

#include "core/engine/reward/Advantages.h"

namespace lossmith::engine {
namespace {

/// As many completions at a time as the run has rows in a micro-batch, those of like length together.
PlannedStep cut_into_micro_batches(const std::vector<Example>& examples, int rows_at_once) {
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return examples[a].input_ids.size() > examples[b].input_ids.size(); });
    PlannedStep planned;
    const auto size = static_cast<std::size_t>(std::max(1, rows_at_once));
    for (std::size_t begin = 0; begin < order.size(); begin += size)
        planned.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                             order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), begin + size)));
    return planned;
}

/// The mean of this round's rewards stands for a baseline that there is not yet: advantages are then about it.
void centre_on_own_mean(Rollout& rollout) {
    for (Completion& completion : rollout.completions) completion.advantage = completion.reward.total - rollout.reward;
}

}  // namespace

Result<PolicyRound> draw_round(const Gpt2& model, const Tokenizer& tokenizer, const Objective& objective,
                               const std::vector<SamplePrompt>& train_prompts, const PlannedStep& planned, const RunConfig& config,
                               const LossMoment& moment, std::optional<double> baseline, const CancellationToken& cancelled) {
    PolicyRound round;
    for (const auto& rows : planned)
        for (const std::size_t row : rows) round.prompts.push_back(train_prompts[row]);
    const RolloutSetting setting{*config.reward, *objective.reward, config.seed, baseline.value_or(0.0), config.bf16, moment};
    round.rollout = LOSSMITH_TRY(roll_out(model, tokenizer, round.prompts, setting, cancelled));
    if (!baseline && config.reward->method == "reinforce") centre_on_own_mean(round.rollout);
    round.micro_batches = cut_into_micro_batches(round.rollout.examples, config.per_device_train_batch_size);
    round.weights = token_weights(round.rollout, *config.reward);
    return round;
}

Result<StepLoss> accumulate_policy_gradients(const Gpt2& model, const Objective& objective, PolicyRound& round, const RunConfig& config,
                                             const LossMoment& moment) {
    const bool first = round.drawn.log_probs.empty();
    const PolicyLoss loss({config.reward->temperature, config.reward->beta, config.reward->epsilon}, first ? &round.drawn : nullptr);
    RunConfig whole_vocabulary = config;
    whole_vocabulary.vocabulary_sample = 0;
    std::size_t seen = 0;  // labelled tokens of the micro-batches before
    GradientPass pass;
    pass.dropout = false;
    pass.sampled = [&](std::span<const std::size_t> rows) {
        std::vector<float> weights;
        std::vector<float> advantages;
        for (const std::size_t row : rows) {
            const Completion& completion = round.rollout.completions[row];
            weights.insert(weights.end(), completion.text.ids.size(), static_cast<float>(round.weights[row]));
            advantages.insert(advantages.end(), completion.text.ids.size(), static_cast<float>(completion.advantage));
        }
        SampledTokens sampled{at::tensor(weights, at::kFloat), at::tensor(advantages, at::kFloat)};
        if (!first)
            sampled.log_probs =
                at::tensor(std::vector<float>(round.drawn.log_probs.begin() + static_cast<std::ptrdiff_t>(seen),
                                              round.drawn.log_probs.begin() + static_cast<std::ptrdiff_t>(seen + weights.size())),
                           at::kFloat);
        seen += weights.size();
        return sampled;
    };
    return accumulate_gradients(model, {loss, objective.base}, round.rollout.examples, round.micro_batches, whole_vocabulary, moment, pass);
}

}  // namespace lossmith::engine
