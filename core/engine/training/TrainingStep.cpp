#include "core/engine/training/TrainingStep.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones_like.h>

#include <algorithm>

#include "core/engine/loss/HeadPass.h"
#include "core/engine/training/MicroBatch.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t labels_at_once_on_a_card = 2048;  ///< their logits take 400 MB over GPT-2's vocabulary

void set_chunk(HeadOptions& head, const Gpt2& model, const Loss& loss) {
    if (!model.device().is_cpu())
        head.chunk = labels_at_once_on_a_card;
    else if (loss.works_in_place() && model.head().requires_grad())
        head.chunk = labels_at_once_in_place;
}

std::int64_t padding_id(const Gpt2& model) {
    return model.config().pad_token_id.value_or(model.config().eos_token_id.value_or(0));
}

void add_parts(std::vector<std::pair<std::string, double>>& sums, const std::vector<std::pair<std::string, double>>& more) {
    for (const auto& [name, value] : more) add_part(sums, name, value);
}

/// What the loss is a mean of, in a micro-batch.
std::int64_t units_of(const Loss& loss, const MicroBatch& batch) {
    return loss.unit() == LossUnit::Row ? batch.input_ids.size(0) : batch.labels.numel();
}

void make_means(StepLoss& loss, std::int64_t units) {
    const double count = std::max<double>(1.0, static_cast<double>(units));
    loss.mean /= count;
    for (auto& [name, value] : loss.parts) value /= count;
}

/// Labelled tokens alone where the loss allows, else whole rows; `hidden` is then the states of all positions.
HeadInputs inputs_of(const Objective& objective, const MicroBatch& batch, ForwardOptions options, const at::Tensor& hidden,
                     const LossMoment& moment) {
    const bool tokens = objective.loss.separable_by_token();
    HeadInputs inputs{hidden, tokens ? batch.labels : batch.row_labels};
    inputs.input_ids = tokens ? batch.input_ids.view(-1).index_select(0, batch.positions) : batch.input_ids;
    inputs.attention_mask = tokens ? at::ones_like(batch.labels) : batch.attention_mask;
    inputs.moment = moment;
    if (objective.loss.needs().base_logits && objective.base != nullptr) {
        const at::NoGradGuard no_graph;
        options.training.reset();
        inputs.base_hidden = objective.base->hidden(batch.input_ids, options);
    }
    return inputs;
}

ForwardOptions options_for(const Loss& loss, const MicroBatch& batch, bool bf16) {
    ForwardOptions options;
    options.bf16 = bf16;
    if (loss.separable_by_token()) options.positions = batch.positions;
    return options;
}

SampledTokens on_device(SampledTokens sampled, at::Device device) {
    for (at::Tensor* tensor : {&sampled.weights, &sampled.advantages, &sampled.log_probs})
        if (tensor->defined()) *tensor = tensor->to(device);
    return sampled;
}

}  // namespace

Result<StepLoss> accumulate_gradients(const Gpt2& model, const Objective& objective, const std::vector<Example>& examples,
                                      const PlannedStep& planned, const RunConfig& config, const LossMoment& moment,
                                      const GradientPass& pass) {
    const Loss& loss = objective.loss;
    StepLoss result;
    std::int64_t rows_of_step = 0;
    for (const auto& rows : planned) {
        rows_of_step += static_cast<std::int64_t>(rows.size());
        for (const std::size_t row : rows) result.labelled += predicted_labels(examples[row]);
    }
    if (result.labelled == 0) return failure(Error::internal("A step has no labelled token."));
    const std::int64_t units = loss.unit() == LossUnit::Row ? rows_of_step : result.labelled;

    const auto passed = [&pass](StepPart part) {
        if (pass.passed) pass.passed(part);
    };
    for (std::size_t i = pass.rank; i < planned.size(); i += pass.ranks) {
        const MicroBatch batch = on_device(make_micro_batch(examples, planned[i], padding_id(model)), model.device());
        result.real_tokens += batch.real_tokens;
        if (batch.labels.numel() == 0) continue;
        ForwardOptions options = options_for(loss, batch, config.bf16);
        options.gradient_checkpointing = config.gradient_checkpointing;
        if (pass.dropout) options.training = DropoutPlace{config.seed, moment.step, static_cast<std::int64_t>(i)};
        const at::Tensor hidden = model.hidden(batch.input_ids, options);
        passed(StepPart::Forward);
        HeadOptions head;
        set_chunk(head, model, loss);
        head.weight = pass.weight / static_cast<double>(pass.sampled ? 1 : units);
        head.bf16 = config.bf16;
        head.vocabulary_sample = config.vocabulary_sample;
        head.sample_seed = config.seed ^ (static_cast<std::uint64_t>(moment.step) * 64 + i + 1) * 0x9e3779b97f4a7c15ULL;
        HeadInputs inputs = inputs_of(objective, batch, options, hidden.detach(), moment);
        if (pass.sampled) inputs.sampled = on_device(pass.sampled(planned[i]), model.device());
        const HeadResult done = LOSSMITH_TRY(head_pass(model, objective, inputs, head));
        result.mean += done.loss_sum;
        add_parts(result.parts, done.parts);
        passed(StepPart::Head);
        if (hidden.requires_grad()) hidden.backward(done.hidden_gradient);
        passed(StepPart::Backward);
    }
    if (!pass.sampled) make_means(result, units);
    return result;
}

Result<StepLoss> mean_loss(const Gpt2& model, const Objective& objective, const std::vector<Example>& examples, int batch_size, bool bf16,
                           const LossMoment& moment, const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    StepLoss result;
    std::int64_t units = 0;
    for (const std::vector<std::size_t>& rows : longest_first(examples, batch_size)) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const MicroBatch batch = on_device(make_micro_batch(examples, rows, padding_id(model)), model.device());
        if (batch.labels.numel() == 0) continue;
        const ForwardOptions options = options_for(objective.loss, batch, bf16);
        const at::Tensor hidden = model.hidden(batch.input_ids, options);
        HeadOptions head;
        set_chunk(head, model, objective.loss);
        head.gradients = false;
        head.bf16 = bf16;
        const HeadResult done = LOSSMITH_TRY(head_pass(model, objective, inputs_of(objective, batch, options, hidden, moment), head));
        result.mean += done.loss_sum;
        result.labelled += batch.labels.numel();
        units += units_of(objective.loss, batch);
        result.real_tokens += batch.real_tokens;
        add_parts(result.parts, done.parts);
    }
    make_means(result, units);
    return result;
}

}  // namespace lossmith::engine
