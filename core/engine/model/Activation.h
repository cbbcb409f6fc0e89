// The activation between c_fc and mlp.c_proj, forward and backward.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>

namespace lossmith::engine {

/// `function` is the config's activation_function: "relu", "gelu" (by erf), or a name of the tanh form ("gelu_new", …). Not part of a
/// graph.
[[nodiscard]] at::Tensor activate(const at::Tensor& x, const std::string& function);

/// The same of plain floats, in place, by the calling thread alone.
void activate_row(float* values, std::size_t count, const std::string& function);

/// activate(x) again, and the gradient at x, given that at activate(x).
[[nodiscard]] std::pair<at::Tensor, at::Tensor> activate_backward(const at::Tensor& x, const at::Tensor& gradient,
                                                                  const std::string& function);

}  // namespace lossmith::engine
