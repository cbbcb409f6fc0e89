// Causal self-attention as functions of c_attn's output, forward and backward: no [rows, heads, tokens, tokens] is kept between them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {

struct CausalAttention {
    std::int64_t heads = 1;
    double scale = 1.0;
    double dropout = 0.0;  ///< of the probabilities
    DropoutKey key;
    bool bf16 = false;  ///< products with rounded operands, on the processor
};

/// qkv [rows, tokens, 3 n_embd], queries then keys then values -> [rows, tokens, n_embd]
/// softmax(scale · q kᵀ, causal) v of each head (Vaswani et al. 2017, eq. 1), heads side by side. Query i sees keys 0…i.
/// Not part of a graph.
[[nodiscard]] at::Tensor causal_attention(const at::Tensor& qkv, const CausalAttention& how);

/// Its gradient at qkv, given that at its output. The probabilities are computed again.
[[nodiscard]] at::Tensor causal_attention_backward(const at::Tensor& qkv, const at::Tensor& gradient, const CausalAttention& how);

/// [rows, heads, tokens, tokens], before dropout.
[[nodiscard]] at::Tensor attention_probabilities(const at::Tensor& qkv, const CausalAttention& how);

}  // namespace lossmith::engine
