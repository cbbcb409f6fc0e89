// Examples side by side as tensors, padded at the right, with the places that are labelled.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>
#include <vector>

#include "core/data/Template.h"

namespace lossmith::engine {

struct MicroBatch {
    at::Tensor input_ids;       ///< [rows, tokens] int64, padded with the padding id
    at::Tensor positions;       ///< [labelled] int64: index into rows × tokens of the position that predicts each label
    at::Tensor labels;          ///< [labelled] int64: the id to be predicted there
    at::Tensor row_labels;      ///< [rows, tokens] int64: the same labels where they are predicted, -100 elsewhere
    at::Tensor attention_mask;  ///< [rows, tokens] int64: 1 at tokens, 0 at padding
    std::int64_t real_tokens = 0;
};

/// A label at token t is predicted at t - 1, as transformers shifts them; the first token of a row predicts nothing.
[[nodiscard]] MicroBatch make_micro_batch(const std::vector<Example>& examples, std::span<const std::size_t> rows, std::int64_t padding_id);

/// The same on a device: through pinned memory and without waiting where that is a graphics card.
[[nodiscard]] MicroBatch on_device(MicroBatch batch, at::Device device);

/// All examples in micro-batches of as many rows, the longest first, so that rows of like length meet.
[[nodiscard]] std::vector<std::vector<std::size_t>> longest_first(const std::vector<Example>& examples, int rows_at_once);

/// How many labels of an example are predicted by anything: its labelled tokens without the first token.
[[nodiscard]] std::int64_t predicted_labels(const Example& example);

}  // namespace lossmith::engine
