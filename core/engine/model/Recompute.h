// Gradient checkpointing (Chen et al. 2016): time for memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace lossmith::engine {

/// part(x), of which only x is kept: the backward pass computes it again, gradients added to the leaves that `part` uses. It must give the
/// same each time, and x or one of those leaves must require a gradient.
[[nodiscard]] at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> part);

}  // namespace lossmith::engine
