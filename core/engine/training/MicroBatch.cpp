#include "core/engine/training/MicroBatch.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numeric>

namespace lossmith::engine {

MicroBatch make_micro_batch(const std::vector<Example>& examples, std::span<const std::size_t> rows, std::int64_t padding_id) {
    std::size_t longest = 1;
    for (const std::size_t row : rows) longest = std::max(longest, examples[row].input_ids.size());
    MicroBatch batch;
    batch.input_ids = at::full({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(longest)}, padding_id, at::kLong);
    std::int64_t* ids = batch.input_ids.data_ptr<std::int64_t>();
    batch.row_labels = at::full(batch.input_ids.sizes(), ignore_index, at::kLong);
    batch.attention_mask = at::zeros(batch.input_ids.sizes(), at::kLong);
    std::int64_t* row_labels = batch.row_labels.data_ptr<std::int64_t>();
    std::int64_t* attended = batch.attention_mask.data_ptr<std::int64_t>();
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> labels;
    for (std::size_t at_row = 0; at_row < rows.size(); ++at_row) {
        const Example& example = examples[rows[at_row]];
        const std::size_t real = example.input_ids.size() - example.padding_tokens;
        batch.real_tokens += static_cast<std::int64_t>(real);
        for (std::size_t t = 0; t < example.input_ids.size(); ++t) {
            ids[at_row * longest + t] = example.input_ids[t];
            attended[at_row * longest + t] = t < real ? 1 : 0;
            if (t == 0 || example.labels[t] == ignore_index) continue;
            positions.push_back(static_cast<std::int64_t>(at_row * longest + t - 1));
            labels.push_back(example.labels[t]);
            row_labels[at_row * longest + t - 1] = example.labels[t];
        }
    }
    batch.positions = at::tensor(positions, at::kLong);
    batch.labels = at::tensor(labels, at::kLong);
    return batch;
}

MicroBatch on_device(MicroBatch batch, at::Device device) {
    if (device.is_cpu()) return batch;
    for (at::Tensor* tensor : {&batch.input_ids, &batch.positions, &batch.labels, &batch.row_labels, &batch.attention_mask})
        *tensor = device.is_cuda() ? tensor->pin_memory().to(device, tensor->scalar_type(), true) : tensor->to(device);
    return batch;
}

std::vector<std::vector<std::size_t>> longest_first(const std::vector<Example>& examples, int rows_at_once) {
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return examples[a].input_ids.size() > examples[b].input_ids.size(); });
    std::vector<std::vector<std::size_t>> batches;
    const auto size = static_cast<std::size_t>(std::max(1, rows_at_once));
    for (std::size_t begin = 0; begin < order.size(); begin += size)
        batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                             order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), begin + size)));
    return batches;
}

std::int64_t predicted_labels(const Example& example) {
    if (example.labels.empty()) return 0;
    return std::count_if(example.labels.begin() + 1, example.labels.end(), [](std::int64_t label) { return label != ignore_index; });
}

}  // namespace lossmith::engine
