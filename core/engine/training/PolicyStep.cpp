#include "core/engine/training/PolicyStep.h"

#include <ATen/ops/tensor.h>

#include "core/engine/training/MicroBatch.h"

namespace lossmith::engine {
Result<PolicyRound> draw_round(const Gpt2& model, const Tokenizer& tokenizer, const Objective& objective,
                               const std::vector<SamplePrompt>& train_prompts, const PlannedStep& planned, const RunConfig& config,
                               const LossMoment& moment, std::optional<double> baseline, const CancellationToken& cancelled) {
    PolicyRound round;
    for (const auto& rows : planned)
        for (const std::size_t row : rows) round.prompts.push_back(train_prompts[row]);
    const RolloutSetting setting{*config.reward, *objective.reward, config.seed, baseline, config.bf16, moment};
    round.rollout = LOSSMITH_TRY(roll_out(model, tokenizer, round.prompts, setting, cancelled));
    round.micro_batches = longest_first(round.rollout.examples, config.per_device_train_batch_size);
    round.weights = token_weights(round.rollout, *config.reward);
    return round;
}

Result<StepLoss> accumulate_policy_gradients(const Gpt2& model, const Objective& objective, PolicyRound& round, const RunConfig& config,
                                             const LossMoment& moment) {
    const bool first = round.drawn.log_probs.empty();
    const PolicyLoss loss({config.reward->temperature, config.reward->beta, config.reward->epsilon}, first ? &round.drawn : nullptr);
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
    return accumulate_gradients(model, {loss, objective.base}, round.rollout.examples, round.micro_batches, config, moment, pass);
}

std::vector<RewardedCompletion> noted_completions(const PolicyRound& round, const Tokenizer& tokenizer, std::int64_t step,
                                                  std::size_t most_prompts) {
    const std::vector<Completion>& all = round.rollout.completions;
    std::vector<std::size_t> first_token(all.size());  // of each completion, in the trace
    std::size_t tokens = 0;
    for (const auto& rows : round.micro_batches)
        for (const std::size_t row : rows) {
            first_token[row] = tokens;
            tokens += all[row].text.ids.size();
        }
    std::vector<RewardedCompletion> noted;
    for (std::size_t i = 0; i < all.size() && all[i].prompt < most_prompts; ++i) {
        const Completion& from = all[i];
        const SamplePrompt& prompt = round.prompts[from.prompt];
        const std::int64_t which =
            noted.empty() || noted.back().prompt != static_cast<std::int64_t>(from.prompt) ? 0 : noted.back().completion + 1;
        RewardedCompletion completion{step,
                                      static_cast<std::int64_t>(from.prompt),
                                      which,
                                      prompt.problem,
                                      prompt.solution,
                                      from.text.text,
                                      from.reward.total,
                                      from.advantage,
                                      from.text.stopped_by == "end_token"};
        for (const auto& [name, value] : from.reward.parts) completion.parts[name] = value;
        for (std::size_t t = 0; t < from.text.ids.size(); ++t) {
            const std::size_t place = first_token[i] + t;
            completion.tokens.push_back({{"text", tokenizer.decode({&from.text.ids[t], 1})},
                                         {"log_prob", round.drawn.log_probs[place]},
                                         {"kl", round.drawn.kl[place]},
                                         {"entropy", round.drawn.entropy[place]}});
        }
        noted.push_back(std::move(completion));
    }
    return noted;
}

}  // namespace lossmith::engine
