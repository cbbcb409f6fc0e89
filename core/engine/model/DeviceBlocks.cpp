#include "core/engine/model/DeviceBlocks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/relu.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/version.h>

#include "core/engine/model/Dropout.h"

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
#define LOSSMITH_FUSED_ATTENTION 1
#include <ATen/ops/scaled_dot_product_attention.h>
#else
#define LOSSMITH_FUSED_ATTENTION 0
#include <ATen/ops/matmul.h>
#endif

namespace lossmith::engine {
namespace {

/// x [rows, tokens, in] -> [rows, tokens, out], in bfloat16 when asked; gradients reach the fp32 weights.
at::Tensor projected(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, bool bf16) {
    const at::ScalarType type = bf16 ? at::kBFloat16 : at::kFloat;
    const at::Tensor flat = x.reshape({-1, x.size(-1)});
    auto shape = x.sizes().vec();
    shape.back() = weight.size(1);
    return at::addmm(bias.to(type), flat.to(type), weight.to(type)).view(shape);
}

/// The same with what an adapter adds.
at::Tensor projected(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const LoraPair& lora, const LoraDropouts& drops,
                     DropoutKey key, bool bf16) {
    const at::Tensor y = projected(x, weight, bias, bf16);
    if (!lora.a.defined()) return y;
    const at::ScalarType type = bf16 ? at::kBFloat16 : at::kFloat;
    const at::Tensor in = dropout(x.reshape({-1, x.size(-1)}).to(type), drops.on ? lora.dropout : 0.0, key);
    return y + (at::mm(at::mm(in, lora.a.to(type).t()), lora.b.to(type).t()) * lora.scaling).view(y.sizes());
}

/// c_attn's bias whose keys' third gets no gradient, for the reason told in BlockPass.cpp.
struct BiasWithoutKeys : torch::autograd::Function<BiasWithoutKeys> {
    static at::Tensor forward(torch::autograd::AutogradContext*, const at::Tensor& bias) { return bias; }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext*, torch::autograd::variable_list gradients) {
        at::Tensor at_bias = gradients[0].clone();
        const std::int64_t width = at_bias.size(0) / 3;
        at_bias.slice(0, width, 2 * width).zero_();
        return {at_bias};
    }
};

/// The layer norm in fp32 of the fp32 residual stream.
at::Tensor normed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
    return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
}

/// activate() as part of a graph.
at::Tensor activated(const at::Tensor& x, const std::string& function) {
    if (function == "relu") return at::relu(x);
    return at::gelu(x, function == "gelu" ? "none" : "tanh");
}

at::Tensor add_to_residual(const at::Tensor& x, const at::Tensor& branch, const BlockPass& pass) {
    return x + dropout(branch, pass.residual_dropout, pass.residual_key);
}

/// qkv [rows, tokens, 3 n_embd] -> [rows, tokens, n_embd]
at::Tensor attention_on_device(const at::Tensor& qkv, const CausalAttention& how) {
    const std::int64_t rows = qkv.size(0);
    const std::int64_t tokens = qkv.size(1);
    const std::int64_t width = qkv.size(2) / 3;
    const at::Tensor parts = qkv.view({rows, tokens, 3, how.heads, width / how.heads}).permute({2, 0, 3, 1, 4});
#if LOSSMITH_FUSED_ATTENTION
    if (how.dropout > 0.0) seed_card(qkv.device(), how.key);  // whose generator the fused kernels draw from
    const at::Tensor mixed = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, how.dropout, true, how.scale);
#else
    const at::Tensor mixed = at::matmul(dropout(attention_probabilities(qkv, how), how.dropout, how.key), parts[2]);
#endif
    return mixed.transpose(1, 2).reshape({rows, tokens, width});
}

}  // namespace

at::Tensor attention_half_on_device(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const CausalAttention& attention,
                                    at::Tensor* qkv_wanted) {
    const at::Tensor in = normed(x, block.ln_1_weight, block.ln_1_bias, pass.layer_norm_epsilon);
    const at::Tensor qkv = projected(in, block.c_attn_weight, BiasWithoutKeys::apply(block.c_attn_bias), block.c_attn_lora, pass.lora,
                                     pass.lora.first, pass.bf16);
    if (qkv_wanted != nullptr) *qkv_wanted = qkv.detach();
    const at::Tensor mixed = attention_on_device(qkv, attention);
    const at::Tensor out =
        projected(mixed, block.attn_c_proj_weight, block.attn_c_proj_bias, block.attn_c_proj_lora, pass.lora, pass.lora.second, pass.bf16);
    return add_to_residual(x, out, pass);
}

at::Tensor mlp_half_on_device(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const std::string& activation) {
    const at::Tensor in = normed(x, block.ln_2_weight, block.ln_2_bias, pass.layer_norm_epsilon);
    const at::Tensor inner = projected(in, block.c_fc_weight, block.c_fc_bias, block.c_fc_lora, pass.lora, pass.lora.first, pass.bf16);
    const at::Tensor out = projected(activated(inner, activation), block.mlp_c_proj_weight, block.mlp_c_proj_bias, block.mlp_c_proj_lora,
                                     pass.lora, pass.lora.second, pass.bf16);
    return add_to_residual(x, out, pass);
}

}  // namespace lossmith::engine
