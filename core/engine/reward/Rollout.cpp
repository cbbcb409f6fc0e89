#include "core/engine/reward/Rollout.h"

#include <ATen/Context.h>

#include <algorithm>
#include <cmath>

#include "core/engine/loss/Loss.h"
#include "core/engine/reward/Advantages.h"

namespace lossmith::engine {
namespace {

/// One seed for each step of a run; a prompt's place among the round's sets its draws apart.
std::uint64_t seed_of_round(const RolloutSetting& setting) {
    return setting.seed ^ (static_cast<std::uint64_t>(setting.moment.step) + 1) * 0xd1342543de82ef95ULL;
}

SamplingConfig drawing(const RewardSpec& spec, std::uint64_t seed) {
    SamplingConfig sampling;
    sampling.do_sample = true;
    sampling.temperature = spec.temperature;
    sampling.max_new_tokens = spec.max_completion_length;
    sampling.seed = seed;
    return sampling;
}

Result<RewardValue> rewarded(const SamplePrompt& prompt, const GeneratedText& text, const RolloutSetting& setting) {
    RewardInputs inputs;
    inputs.problem = prompt.problem;
    inputs.solution = prompt.solution;
    inputs.generated = text.text;
    inputs.length = static_cast<std::int64_t>(text.ids.size());
    inputs.ended = text.stopped_by == "end_token";
    inputs.moment = setting.moment;
    return setting.reward.of(inputs);
}

Example example_of(const std::vector<TokenId>& prompt, const std::vector<TokenId>& completion) {
    Example example;
    example.input_ids.assign(prompt.begin(), prompt.end());
    example.input_ids.insert(example.input_ids.end(), completion.begin(), completion.end());
    example.labels.assign(prompt.size(), ignore_index);
    example.labels.insert(example.labels.end(), completion.begin(), completion.end());
    example.prompt_tokens = prompt.size();
    return example;
}

void weigh(Rollout& rollout, const RolloutSetting& setting, const std::vector<RewardValue>& greedy) {
    const auto each = static_cast<std::size_t>(setting.spec.num_generations);
    const AdvantageSetting method{setting.spec.method, setting.baseline.value_or(rollout.figures.reward), setting.spec.risk_alpha};
    std::vector<double> spreads;
    for (std::size_t begin = 0; begin < rollout.completions.size(); begin += each) {
        RewardedGroup group;
        for (std::size_t i = begin; i < begin + each; ++i) {
            const Completion& completion = rollout.completions[i];
            group.rewards.push_back(completion.reward.total);
            double log_prob = 0.0;
            for (const double probability : completion.text.probabilities) log_prob += std::log(std::max(probability, 1e-300));
            group.log_probs.push_back(log_prob);
        }
        if (!greedy.empty()) group.greedy = greedy[rollout.completions[begin].prompt].total;
        const auto weights = advantages(group, method);
        for (std::size_t i = 0; i < each; ++i) rollout.completions[begin + i].advantage = weights[i];
        spreads.push_back(deviation_of(group.rewards));
    }
    rollout.figures.reward_std = mean_of(spreads);
}

void add_figures(Rollout& rollout) {
    std::vector<double> rewards;
    std::vector<double> lengths;
    double cut = 0.0;
    for (const Completion& completion : rollout.completions) {
        rewards.push_back(completion.reward.total);
        lengths.push_back(static_cast<double>(completion.text.ids.size()));
        if (completion.text.stopped_by != "end_token") cut += 1.0;
        for (const auto& [name, value] : completion.reward.parts) add_part(rollout.reward_parts, name, value);
    }
    const double count = std::max<double>(1.0, static_cast<double>(rewards.size()));
    for (auto& [name, value] : rollout.reward_parts) value /= count;
    rollout.figures.reward = mean_of(rewards);
    rollout.figures.completion_tokens = mean_of(lengths);
    rollout.figures.completion_tokens_std = deviation_of(lengths);
    rollout.figures.unfinished = cut / count;
    rollout.figures.completions = static_cast<int>(rewards.size());
}

}  // namespace

Result<Rollout> roll_out(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<SamplePrompt>& prompts,
                         const RolloutSetting& setting, const CancellationToken& cancelled) {
    GenerationRequest request;
    request.sampling = drawing(setting.spec, seed_of_round(setting));
    if (setting.bf16) request.sampling.precision = "bf16";
    for (const SamplePrompt& prompt : prompts)
        request.prompts.insert(request.prompts.end(), static_cast<std::size_t>(setting.spec.num_generations),
                               fitting_prompt(prompt.ids, model));
    auto texts = LOSSMITH_TRY(generate(model, tokenizer, request, {}, cancelled));
    std::vector<RewardValue> greedy;
    if (setting.spec.method == "self_critical")
        greedy = LOSSMITH_TRY(greedy_replies(model, tokenizer, prompts, setting, cancelled)).rewards;

    Rollout rollout;
    at::manual_seed(seed_of_round(setting));  // for a reward that draws at random
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        Completion completion;
        completion.prompt = i / static_cast<std::size_t>(setting.spec.num_generations);
        completion.text = std::move(texts[i]);
        completion.reward = LOSSMITH_TRY(rewarded(prompts[completion.prompt], completion.text, setting));
        rollout.examples.push_back(example_of(request.prompts[i], completion.text.ids));
        rollout.completions.push_back(std::move(completion));
    }
    add_figures(rollout);
    weigh(rollout, setting, greedy);
    return rollout;
}

std::vector<double> token_weights(const Rollout& rollout, const RewardSpec& spec) {
    double tokens = 0.0;
    for (const Completion& completion : rollout.completions) tokens += static_cast<double>(completion.text.ids.size());
    const auto completions = static_cast<double>(rollout.completions.size());
    std::vector<double> weights;
    for (const Completion& completion : rollout.completions) {
        const auto own = static_cast<double>(completion.text.ids.size());
        if (spec.method == "grpo")
            weights.push_back(1.0 / (completions * own));
        else if (spec.method == "minimum_risk")
            weights.push_back(static_cast<double>(spec.num_generations) / completions);
        else
            weights.push_back(1.0 / tokens);
    }
    return weights;
}

Result<GreedyReplies> greedy_replies(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<SamplePrompt>& prompts,
                                     const RolloutSetting& setting, const CancellationToken& cancelled) {
    GreedyReplies replies;
    GenerationRequest request;
    request.sampling.max_new_tokens = setting.spec.max_completion_length;
    if (setting.bf16) request.sampling.precision = "bf16";
    for (const SamplePrompt& prompt : prompts) request.prompts.push_back(fitting_prompt(prompt.ids, model));
    replies.texts = LOSSMITH_TRY(generate(model, tokenizer, request, {}, cancelled));
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        RewardValue value = LOSSMITH_TRY(rewarded(prompts[i], replies.texts[i], setting));
        replies.rewards.push_back(std::move(value));
    }
    return replies;
}

}  // namespace lossmith::engine
