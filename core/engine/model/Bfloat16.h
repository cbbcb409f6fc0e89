// Between fp32 and bfloat16 in one pass over memory each way, with what else has to be done to the values on the way.
#pragma once

#include <ATen/core/Tensor.h>

namespace lossmith::engine {

/// To bfloat16, strides kept; what is bfloat16 already stays.
[[nodiscard]] at::Tensor rounded(const at::Tensor& x);

/// [..., width] to fp32, plus `bias` [width] where it is defined.
[[nodiscard]] at::Tensor widened(const at::Tensor& x, const at::Tensor& bias = {});

/// into = x and into += x, for an fp32 `into` of x's shape.
void widen_into(at::Tensor into, const at::Tensor& x);
void add_widened(at::Tensor into, const at::Tensor& x);

}  // namespace lossmith::engine
