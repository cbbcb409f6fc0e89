#include "core/engine/training/TrainingStep.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <numeric>

#include "core/engine/loss/HeadPass.h"
#include "core/engine/training/MicroBatch.h"

namespace lossmith::engine {
namespace {

std::int64_t padding_id(const Gpt2& model) { return model.config().pad_token_id.value_or(model.config().eos_token_id.value_or(0)); }

void add_parts(std::vector<std::pair<std::string, double>>& sums, const std::vector<std::pair<std::string, double>>& more) {
    for (const auto& [name, value] : more) add_part(sums, name, value);
}

void make_means(StepLoss& loss) {
    const double count = std::max<double>(1.0, static_cast<double>(loss.labelled));
    loss.mean /= count;
    for (auto& [name, value] : loss.parts) value /= count;
}

}  // namespace

Result<StepLoss> accumulate_gradients(const Gpt2& model, const Loss& loss, const std::vector<Example>& examples, const PlannedStep& planned,
                                      const RunConfig& config, std::int64_t step) {
    StepLoss result;
    for (const auto& rows : planned)
        for (const std::size_t row : rows) result.labelled += predicted_labels(examples[row]);
    if (result.labelled == 0) return failure(Error::internal("A step has no labelled token."));

    for (std::size_t i = 0; i < planned.size(); ++i) {
        const MicroBatch batch = make_micro_batch(examples, planned[i], padding_id(model));
        result.real_tokens += batch.real_tokens;
        ForwardOptions options;
        options.bf16 = config.bf16;
        options.training = DropoutPlace{config.seed, step, static_cast<std::int64_t>(i)};
        options.positions = batch.positions;
        const at::Tensor labelled = model.hidden(batch.input_ids, options);
        HeadOptions head;
        head.weight = 1.0 / static_cast<double>(result.labelled);
        head.bf16 = config.bf16;
        head.vocabulary_sample = config.vocabulary_sample;
        head.sample_seed = config.seed ^ (static_cast<std::uint64_t>(step) * 64 + i + 1) * 0x9e3779b97f4a7c15ULL;
        const HeadResult done = LOSSMITH_TRY(head_pass(model, loss, labelled.detach(), batch.labels, head));
        result.mean += done.loss_sum;
        add_parts(result.parts, done.parts);
        if (labelled.requires_grad()) labelled.backward(done.hidden_gradient);
    }
    make_means(result);
    return result;
}

Result<StepLoss> mean_loss(const Gpt2& model, const Loss& loss, const std::vector<Example>& examples, int batch_size, bool bf16,
                           const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return examples[a].input_ids.size() > examples[b].input_ids.size(); });
    StepLoss result;
    const auto rows_at_once = static_cast<std::size_t>(std::max(1, batch_size));
    for (std::size_t begin = 0; begin < order.size(); begin += rows_at_once) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const std::span<const std::size_t> rows(order.data() + begin, std::min(rows_at_once, order.size() - begin));
        const MicroBatch batch = make_micro_batch(examples, rows, padding_id(model));
        if (batch.labels.numel() == 0) continue;
        ForwardOptions options;
        options.bf16 = bf16;
        options.positions = batch.positions;
        const at::Tensor hidden = model.hidden(batch.input_ids, options);
        HeadOptions head;
        head.gradients = false;
        head.bf16 = bf16;
        const HeadResult done = LOSSMITH_TRY(head_pass(model, loss, hidden, batch.labels, head));
        result.mean += done.loss_sum;
        result.labelled += batch.labels.numel();
        result.real_tokens += batch.real_tokens;
        add_parts(result.parts, done.parts);
    }
    make_means(result);
    return result;
}

}  // namespace lossmith::engine
