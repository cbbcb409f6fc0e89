// A transformer block's two halves for weights on a graphics card: a plain graph of LibTorch's fused kernels, where BlockPass.h has loops
// for the processor. The arguments and results are those of its attention_half() and mlp_half().
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/engine/model/BlockPass.h"

namespace lossmith::engine {

/// In bfloat16 c_attn's output stays in it, as the fused attention wants; the residual stream and layer norms stay in fp32.
/// What attention drops is a function of the key, so a resumed run drops the same, but it is not what the processor would drop.
[[nodiscard]] at::Tensor attention_half_on_device(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass,
                                                  const CausalAttention& attention, at::Tensor* qkv = nullptr);

[[nodiscard]] at::Tensor mlp_half_on_device(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass,
                                            const std::string& activation);

}  // namespace lossmith::engine
