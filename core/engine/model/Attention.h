// Causal self-attention's softmax, fused: scale, mask, softmax and dropout in one pass over the scores.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {

struct AttentionDropout {
    double p = 0.0;
    DropoutKey key;
};

/// q, k, v [rows, heads, tokens, head width] -> [rows, heads, tokens, head width]
/// softmax(scale · q kᵀ, causal) v (Vaswani et al. 2017, eq. 1). Query i sees keys 0…i.
/// With fewer queries than keys, the queries are the last ones. `probabilities`, when not null, receives
/// [rows, heads, tokens, tokens] before dropout.
[[nodiscard]] at::Tensor causal_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale,
                                          const AttentionDropout& dropout = {}, at::Tensor* probabilities = nullptr);

}  // namespace lossmith::engine
