#include "core/engine/training/Estimate.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "core/engine/devices/Devices.h"
#include "core/engine/reward/Reward.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/PolicyStep.h"
#include "core/engine/training/RunDriver.h"
#include "core/engine/training/TrainingStep.h"
#include "core/project/TemplateStore.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t program_bytes = 250LL << 20;  // LibTorch and this program before any tensor, measured
constexpr std::int64_t float_bytes = 4;
constexpr std::size_t tokens_timed = 1024;

/// What is held beside weights and moments when it is most: in floats a token, per block, what BlockPass keeps for the backward pass (the
/// halves' inputs, q k v, what attention mixed, c_fc's output), one block's working room, the head's chunk of logits and its gradient. The
/// other gradients take the place of the blocks' shares as the backward pass gives those back.
/// Frozen blocks below all that moves keep nothing, and what is frozen has no gradient.
std::int64_t working_bytes(const Gpt2& model, const RunConfig& run, std::int64_t micro_batch_tokens) {
    const Gpt2Config& config = model.config();
    const bool from_below = !run.lora && !run.freeze_embeddings;
    const std::int64_t passed_through = config.n_layer - (from_below ? 0 : run.freeze_layers);
    const std::int64_t kept = passed_through * (6 * config.n_embd + config.inner_size()) * micro_batch_tokens;
    const std::int64_t room = (3 * config.inner_size() + 6 * config.n_embd) * micro_batch_tokens;
    const bool head_moves = model.head().requires_grad();
    const std::int64_t head = 2 * 256 * config.vocab_size + (head_moves ? config.vocab_size * config.n_embd : 0);
    std::int64_t gradients = 0;
    for (const auto& [name, tensor] : model.trainable_parameters()) gradients += tensor.numel();
    return float_bytes * std::max(kept + room + head, gradients + room);
}

/// Times as few rows of middling length as give a steady figure, so that asking again while a form is edited stays quick.
Result<double> seconds_per_token(Gpt2& model, const Objective& objective, const std::vector<Example>& examples, const RunConfig& config,
                                 const CancellationToken& cancelled) {
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return examples[a].input_ids.size() < examples[b].input_ids.size(); });
    const std::size_t middling = std::max<std::size_t>(1, examples[order[order.size() / 2]].input_ids.size());
    const std::size_t enough = std::max<std::size_t>(1, tokens_timed / middling);
    const auto count = std::min({order.size(), static_cast<std::size_t>(config.per_device_train_batch_size), enough});
    const std::size_t first = std::min(order.size() - count, order.size() / 2);
    const std::vector<std::size_t> rows(order.begin() + static_cast<std::ptrdiff_t>(first),
                                        order.begin() + static_cast<std::ptrdiff_t>(first + count));
    const auto tokens = static_cast<double>(examples[rows.back()].input_ids.size() * rows.size());
    double seconds = 0.0;
    for (int round = 0; round < 2; ++round) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const auto begin = std::chrono::steady_clock::now();
        static_cast<void>(LOSSMITH_TRY(accumulate_gradients(model, objective, examples, {rows}, config, {})));
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    return seconds / tokens;
}

/// What a run by reward adds to each of its rows: drawing its completions and learning from them.
struct RewardCost {
    double seconds_per_row = 0.0;    ///< of a step
    double seconds_per_reply = 0.0;  ///< of a validation, one greedy reply
};

Result<RewardCost> reward_cost(Gpt2& model, const Tokenizer& tokenizer, const Objective& objective, const TrainingSet& set,
                               const RunConfig& config, const CancellationToken& cancelled) {
    PlannedStep few(1);
    for (std::size_t row = 0; row < std::min<std::size_t>(2, set.train_prompts.size()); ++row) few.front().push_back(row);
    const auto rows = static_cast<double>(few.front().size());
    const auto begin = std::chrono::steady_clock::now();
    PolicyRound round = LOSSMITH_TRY(draw_round(model, tokenizer, objective, set.train_prompts, few, config, {}, 0.0, cancelled));
    const auto drawn = std::chrono::steady_clock::now();
    for (int i = 0; i < config.reward->num_iterations; ++i)
        static_cast<void>(LOSSMITH_TRY(accumulate_policy_gradients(model, objective, round, config, {})));
    const auto end = std::chrono::steady_clock::now();
    const auto seconds = [](auto duration) { return std::chrono::duration<double>(duration).count(); };
    return RewardCost{seconds(end - begin) / rows, seconds(drawn - begin) / rows / config.reward->num_generations};
}

}  // namespace

void to_json(Json& json, const Estimate& estimate) {
    json = {{"steps", estimate.steps},
            {"examples", estimate.examples},
            {"tokens", estimate.tokens},
            {"padding_tokens", estimate.padding_tokens},
            {"labelled_tokens", estimate.labelled_tokens},
            {"prompt_tokens", estimate.prompt_tokens},
            {"truncated_rows", estimate.truncated_rows},
            {"unlabelled_rows", estimate.unlabelled_rows},
            {"memory_bytes", estimate.memory_bytes},
            {"seconds", estimate.seconds},
            {"disk_bytes", estimate.disk_bytes},
            {"trainable_parameters", estimate.trainable_parameters}};
}

Result<Estimate> estimate_run(Project& project, RunConfig config, const CancellationToken& cancelled) {
    if (auto wrong = config.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    if (!config.template_spec) config.template_spec = LOSSMITH_TRY(project.templates().current());
    config.bf16 = config.bf16 && processor_multiplies_bf16();
    LoadedModel base = LOSSMITH_TRY(model_for(project, config));
    const PreparedData data = LOSSMITH_TRY(prepare_data(project, config, *base.tokenizer, base.model.config().n_positions, cancelled));
    std::vector<std::size_t> lengths;
    for (const Example& example : data.set.train) lengths.push_back(example.input_ids.size());
    BatchPlan plan(std::move(lengths), config);
    const BatchPlan::Cost cost = plan.cost();
    const Gpt2Config& shape = base.model.config();
    LOSSMITH_CHECK(make_trainable(base, config));
    base.model.require_gradients_but(config.freeze_layers, config.freeze_embeddings);

    Estimate estimate;
    estimate.steps = plan.total_steps();
    estimate.examples = static_cast<std::int64_t>(data.set.train.size());
    estimate.tokens = cost.tokens;
    estimate.padding_tokens = cost.padding;
    estimate.labelled_tokens = data.labelled_tokens;
    estimate.prompt_tokens = data.tokens - data.labelled_tokens;
    estimate.truncated_rows = data.truncated_rows;
    estimate.unlabelled_rows = static_cast<std::int64_t>(data.unlabelled_rows.size());
    for (const auto& [name, tensor] : base.model.trainable_parameters()) estimate.trainable_parameters += tensor.numel();
    const auto loss = LOSSMITH_TRY(make_loss(config.loss, setting_for(base)));
    const bool with_base = loss->needs().base_logits || (config.reward && config.reward->beta > 0.0);
    std::int64_t widest = cost.widest_micro_batch;
    if (config.reward) {
        std::size_t longest_prompt = 0;
        for (const SamplePrompt& prompt : data.set.train_prompts) longest_prompt = std::max(longest_prompt, prompt.ids.size());
        const std::int64_t longest =
            std::min<std::int64_t>(shape.n_positions, static_cast<std::int64_t>(longest_prompt) + config.reward->max_completion_length);
        widest = std::max(widest, longest * config.per_device_train_batch_size);
    }
    // The weights, and the two moments of those that move; then what a step needs. LoRA's base is also what a loss compares with.
    const std::int64_t trained = estimate.trainable_parameters;
    const std::int64_t moments = 2 * trained;
    const std::int64_t weights = shape.parameter_count() + (config.lora ? trained : 0);
    const std::int64_t compared = with_base && !config.lora ? shape.parameter_count() : 0;
    estimate.memory_bytes = program_bytes + float_bytes * (weights + moments + compared) + working_bytes(base.model, config, widest);
    const std::int64_t written = config.lora ? trained : weights;
    estimate.disk_bytes = float_bytes * (written + moments) * (config.save_total_limit + (data.set.validation.empty() ? 1 : 2));

    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    const double per_token = LOSSMITH_TRY(seconds_per_token(base.model, {*loss, &base.model}, data.set.train, config, cancelled));
    double validation_tokens = 0.0;
    for (const Example& example : data.set.validation) validation_tokens += static_cast<double>(example.input_ids.size());
    const std::int64_t between = config.eval_steps > 0 ? config.eval_steps : plan.steps_per_epoch();
    const double validations = 1.0 + static_cast<double>((estimate.steps + between - 1) / between);
    // A forward pass is a third of forward and backward together.
    const bool solutions_too = !config.reward || config.reward->loss_weight > 0.0;
    const double updates = config.reward ? config.reward->num_iterations : 1;
    estimate.seconds =
        per_token * ((solutions_too ? updates * static_cast<double>(cost.tokens) : 0.0) + validations * validation_tokens / 3.0);
    if (config.reward) {
        const auto reward = LOSSMITH_TRY(Reward::create(*config.reward, base.tokenizer.get(), nullptr, nullptr, cancelled));
        const RewardCost each =
            LOSSMITH_TRY(reward_cost(base.model, *base.tokenizer, {*loss, &base.model, reward.get()}, data.set, config, cancelled));
        const double rows = static_cast<double>(estimate.steps) * config.per_device_train_batch_size * config.gradient_accumulation_steps;
        estimate.seconds +=
            each.seconds_per_row * rows + each.seconds_per_reply * validations * static_cast<double>(data.set.validation_prompts.size());
    }
    return estimate;
}

}  // namespace lossmith::engine
