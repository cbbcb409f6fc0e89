#include "core/engine/training/Estimate.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "core/engine/devices/Devices.h"
#include "core/engine/devices/Machine.h"
#include "core/engine/devices/Processor.h"
#include "core/engine/model/Product.h"
#include "core/engine/reward/Reward.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/Calibration.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/PolicyStep.h"
#include "core/engine/training/RunDriver.h"
#include "core/engine/training/RunMemory.h"
#include "core/engine/training/TrainingStep.h"
#include "core/project/TemplateStore.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t float_bytes = 4;
constexpr double written_a_second = 600e6;    // bytes of a checkpoint, measured
constexpr double exchanged_a_second = 0.6e9;  // bytes of gradients between processes of one machine, measured

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

/// While it lives, LibTorch has the threads that one of a run's processes will have.
class ThreadsOfARank {
public:
    explicit ThreadsOfARank(const RunConfig& config) : m_before(at::get_num_threads()) {
        if (config.processes() > 1) at::set_num_threads(threads_of_rank(config.threads, config.processes()));
    }
    ~ThreadsOfARank() { at::set_num_threads(m_before); }
    ThreadsOfARank(const ThreadsOfARank&) = delete;
    ThreadsOfARank& operator=(const ThreadsOfARank&) = delete;

private:
    int m_before;
};

/// Of all processes together, each of which has micro-batches of its own.
BatchPlan plan_of(const PreparedData& data, RunConfig config) {
    std::vector<std::size_t> lengths;
    for (const Example& example : data.set.train) lengths.push_back(example.input_ids.size());
    config.gradient_accumulation_steps *= config.processes();
    return {std::move(lengths), config};
}

/// All of the run's processes together. The widest micro-batch is the plan's, or with a reward what may be written at most.
std::int64_t memory_of(const Gpt2& model, const PreparedData& data, const RunConfig& config, const BatchPlan::Cost& cost, StepLoad load) {
    load.widest_micro_batch = cost.widest_micro_batch;
    if (config.reward) {
        std::size_t longest_prompt = 0;
        for (const SamplePrompt& prompt : data.set.train_prompts) longest_prompt = std::max(longest_prompt, prompt.ids.size());
        const std::int64_t longest = std::min<std::int64_t>(
            model.config().n_positions, static_cast<std::int64_t>(longest_prompt) + config.reward->max_completion_length);
        load.widest_micro_batch = std::max(load.widest_micro_batch, longest * config.per_device_train_batch_size);
    }
    return config.processes() * run_memory(model, config, load);
}

/// Smaller micro-batches, as many more of them in a step: the result is the same.
bool halve(RunConfig& config) {
    if (config.reward || config.per_device_train_batch_size % 2 != 0) return false;
    config.per_device_train_batch_size /= 2;
    config.gradient_accumulation_steps *= 2;
    return true;
}

/// What of the config to change for a run that does not fit: first what leaves the result as it is, then what trains less.
void advise(Estimate& estimate, const LoadedModel& base, const PreparedData& data, const RunConfig& config, const StepLoad& load) {
    const auto gibibytes = [](std::int64_t bytes) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1U << 30U));
        return std::string(text);
    };
    estimate.advice =
        "The run needs about " + gibibytes(estimate.memory_bytes) + " of memory, and " + gibibytes(estimate.available_bytes) + " are free.";
    const auto fits = [&](const RunConfig& other) {
        LoadedModel model = base;
        model.model = base.model.without_adapter();
        if (!make_trainable(model, other)) return false;
        model.model.require_gradients_but(other.freeze_layers, other.freeze_embeddings);
        return memory_of(model.model, data, other, plan_of(data, other).cost(), load) <= estimate.available_bytes;
    };
    RunConfig other = config;
    const auto smaller = [&] {
        while (!fits(other))
            if (!halve(other)) return false;
        return true;
    };
    std::string how = "smaller micro-batches, more of them in a step, with the same result";
    bool found = smaller();
    if (!found) {
        other.gradient_accumulation_steps *= other.nproc_per_node;
        other.nproc_per_node = 1;
        other.gradient_checkpointing = true;
        how = "one process, gradient checkpointing and small micro-batches, with the same result";
        found = smaller();
    }
    if (!found && !other.lora) {
        other.lora = LoraSpec{};
        how = "LoRA, which trains far fewer weights";
        found = smaller();
    }
    Gpt2 as_before = base.model;  // of the same tensors
    as_before.require_gradients_but(config.freeze_layers, config.freeze_embeddings);
    if (!found) {
        estimate.advice += " Choose a smaller model, or free memory.";
        return;
    }
    estimate.advice += " It fits with " + how + ".";
    const Json before = config;
    const Json after = other;
    estimate.changes = Json::object();
    for (const auto& [name, value] : after.items())
        if (!before.contains(name) || before.at(name) != value) estimate.changes[name] = value;
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
            {"steps_seconds", estimate.steps_seconds},
            {"disk_bytes", estimate.disk_bytes},
            {"trainable_parameters", estimate.trainable_parameters},
            {"available_bytes", estimate.available_bytes},
            {"advice", estimate.advice},
            {"changes", estimate.changes}};
}

Result<Estimate> estimate_run(Project& project, RunConfig config, const CancellationToken& cancelled) {
    if (auto wrong = config.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    if (!config.template_spec) config.template_spec = LOSSMITH_TRY(project.templates().current());
    config.bf16 = config.bf16 && processor_multiplies_bf16();
    const MatmulPrecision precision(config.float32_matmul_precision, at::kCPU);
    const auto begin = std::chrono::steady_clock::now();
    LoadedModel base = LOSSMITH_TRY(model_for(project, config));
    const PreparedData data = LOSSMITH_TRY(prepare_data(project, config, *base.tokenizer, base.model.config().n_positions, cancelled));
    const double loading = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    BatchPlan plan = plan_of(data, config);
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
    const StepLoad load{0, loss->separable_by_token(), loss->works_in_place(), with_base};
    estimate.memory_bytes = memory_of(base.model, data, config, cost, load);
    estimate.available_bytes = read_machine().free_bytes;
    if (config.devices == std::vector<std::string>{"cpu"} && estimate.memory_bytes > estimate.available_bytes)
        advise(estimate, base, data, config, load);
    const std::int64_t trained = estimate.trainable_parameters;
    const std::int64_t written = float_bytes * ((config.lora ? trained : shape.parameter_count()) + 2 * trained);
    estimate.disk_bytes = written * (config.save_total_limit + (data.set.validation.empty() ? 1 : 2));
    if (!estimate.advice.empty()) return estimate;  // timing it would need the memory that there is not

    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    const ThreadsOfARank threads(config);
    const Pace pace = LOSSMITH_TRY(calibrate(base.model, {*loss, &base.model}, data.set.train, config, cancelled));
    double validation_tokens = 0.0;
    double validation_pairs = 0.0;
    for (const Example& example : data.set.validation) {
        const auto length = static_cast<double>(example.input_ids.size());
        validation_tokens += length;
        validation_pairs += length * length;
    }
    const std::int64_t between = config.eval_steps > 0 ? config.eval_steps : plan.steps_per_epoch();
    const double validations = 1.0 + static_cast<double>((estimate.steps + between - 1) / between);
    // A forward pass is a third of forward and backward together.
    const bool solutions_too = !config.reward || config.reward->loss_weight > 0.0;
    const double updates = config.reward ? config.reward->num_iterations : 1;
    const auto steps = static_cast<double>(estimate.steps);
    const std::int64_t between_saves = config.save_steps > 0 ? config.save_steps : between;
    const double saves = std::ceil(steps / static_cast<double>(between_saves));
    estimate.steps_seconds = (solutions_too ? updates * pace.of(static_cast<double>(cost.tokens), cost.pairs) / config.processes() : 0.0) +
                             steps * updates * pace.per_update;
    if (config.processes() > 1) estimate.steps_seconds += steps * static_cast<double>(float_bytes * trained) / exchanged_a_second;
    double around = loading + validations * pace.of(validation_tokens, validation_pairs) / 3.0 +
                    saves * static_cast<double>(written) / written_a_second;
    if (config.reward) {
        const auto reward = LOSSMITH_TRY(Reward::create(*config.reward, base.tokenizer.get(), nullptr, nullptr, cancelled));
        const RewardCost each =
            LOSSMITH_TRY(reward_cost(base.model, *base.tokenizer, {*loss, &base.model, reward.get()}, data.set, config, cancelled));
        const double rows = static_cast<double>(estimate.steps) * config.per_device_train_batch_size * config.gradient_accumulation_steps;
        estimate.steps_seconds += each.seconds_per_row * rows;
        around += each.seconds_per_reply * validations * static_cast<double>(data.set.validation_prompts.size());
    }
    estimate.seconds = estimate.steps_seconds + around;
    return estimate;
}

}  // namespace lossmith::engine
