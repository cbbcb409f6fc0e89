// Cross-entropy of rows of logits as a typed loss asks for it, in one pass forward and one back, where ATen takes several over memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace lossmith::engine {

/// Whether row_cross_entropy() can take these: contiguous fp32 logits [N, V] in host memory, and labels [N] int64, each below V or
/// `ignore_index`.
[[nodiscard]] bool fits_row_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::int64_t ignore_index);

/// [N]: -log softmax(logits)[label], 0 where the label is `ignore_index`. Differentiable once in the logits.
[[nodiscard]] at::Tensor row_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::int64_t ignore_index);

}  // namespace lossmith::engine
