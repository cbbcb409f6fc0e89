// A transformer block's two halves, each one node of the autograd graph: little is kept for the backward pass (layer norms, the activation
// and the attention probabilities are computed again), and weights that are leaves get their gradient added in place, and what requires no
// gradient costs none.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/engine/model/Attention.h"
#include "core/engine/model/Gpt2.h"

namespace lossmith::engine {

/// The dropouts before the changes of a half's first and second Conv1D; off, nothing is dropped.
struct LoraDropouts {
    bool on = false;
    DropoutKey first, second;
};

/// What both halves need besides tensors. The residual dropout is that of the half's output before it is added to its input.
struct BlockPass {
    double layer_norm_epsilon = 1e-5;
    bool bf16 = false;  ///< matrix products in bfloat16, everything else in fp32
    double residual_dropout = 0.0;
    DropoutKey residual_key;
    LoraDropouts lora = {};
};

/// x [rows, tokens, n_embd] -> x + dropout(attn.c_proj(attention(attn.c_attn(ln_1(x))))). `qkv`, when not null, receives c_attn's output
/// [rows, tokens, 3 n_embd], detached.
[[nodiscard]] at::Tensor attention_half(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass,
                                        const CausalAttention& attention, at::Tensor* qkv = nullptr);

/// x [..., n_embd] -> x + dropout(mlp.c_proj(activation(mlp.c_fc(ln_2(x))))). `activation` is the config's activation_function.
[[nodiscard]] at::Tensor mlp_half(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const std::string& activation);

}  // namespace lossmith::engine
