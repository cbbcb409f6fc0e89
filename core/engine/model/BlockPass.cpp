#include "core/engine/model/BlockPass.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/engine/model/Activation.h"
#include "core/engine/model/DeviceBlocks.h"
#include "core/engine/model/Dropout.h"

namespace lossmith::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor product(const at::Tensor& a, const at::Tensor& b, bool bf16) {
    return bf16 ? at::mm(a.to(at::kBFloat16), b.to(at::kBFloat16)).to(at::kFloat) : at::mm(a, b);
}

at::Tensor flat(const at::Tensor& x) {
    return x.reshape({-1, x.size(-1)});
}

/// The gradient of a weight [in, out] from x [n, in] and the gradient above [n, out]: added to the weight's own where it is a leaf (then
/// nothing is returned), returned to the graph where it is not.
at::Tensor weight_gradient(at::Tensor weight, const at::Tensor& x, const at::Tensor& above, bool bf16) {
    if (!weight.requires_grad()) return {};
    if (!weight.is_leaf()) return product(x.t(), above, bf16);
    at::Tensor& own = weight.mutable_grad();
    if (!own.defined())
        own = product(x.t(), above, bf16);
    else if (bf16)
        own.add_(product(x.t(), above, true));
    else
        own.addmm_(x.t(), above);
    return {};
}

at::Tensor bias_gradient(const at::Tensor& bias, const at::Tensor& above) {
    return bias.requires_grad() ? above.sum(0) : at::Tensor();
}

struct LayerNorm {
    at::Tensor normed, mean, rstd;
};

LayerNorm layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
    auto [normed, mean, rstd] = at::native_layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
    return {std::move(normed), std::move(mean), std::move(rstd)};
}

/// {at x with the gradient that came past the half, at weight, at bias}
std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_backward(const at::Tensor& at_normed, const at::Tensor& x, const LayerNorm& norm,
                                                                   const at::Tensor& weight, const at::Tensor& bias,
                                                                   const at::Tensor& past) {
    auto [at_x, at_weight, at_bias] =
        at::native_layer_norm_backward(at_normed, x, {x.size(-1)}, norm.mean, norm.rstd, weight, bias, {true, true, true});
    at_x.add_(past);
    return {std::move(at_x), std::move(at_weight), std::move(at_bias)};
}

struct KeptPass : torch::CustomClassHolder {
    BlockPass pass;
    CausalAttention attention;
    std::string activation;
};

void keep(AutogradContext& context, const KeptPass& pass) {
    context.saved_data["pass"] = c10::IValue::make_capsule(c10::make_intrusive<KeptPass>(pass));
}

c10::intrusive_ptr<KeptPass> kept(AutogradContext& context) {
    return c10::static_intrusive_pointer_cast<KeptPass>(context.saved_data["pass"].toCapsule());
}

/// What is added to every key shifts all scores of a query alike, which softmax does not see: the true gradient of c_attn's keys' third is
/// zero, and the rounding errors in its place would be made steps of by AdamW.
at::Tensor without_keys(at::Tensor at_bias) {
    if (!at_bias.defined()) return at_bias;
    const std::int64_t width = at_bias.size(0) / 3;
    at_bias.slice(0, width, 2 * width).zero_();
    return at_bias;
}

struct AttentionHalf : torch::autograd::Function<AttentionHalf> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& ln_weight, const at::Tensor& ln_bias,
                              const at::Tensor& c_attn_weight, const at::Tensor& c_attn_bias, const at::Tensor& c_proj_weight,
                              const at::Tensor& c_proj_bias, const KeptPass& how, at::Tensor* qkv_wanted) {
        const LayerNorm norm = layer_norm(flat(x), ln_weight, ln_bias, how.pass.layer_norm_epsilon);
        const at::Tensor qkv = conv1d(norm.normed, c_attn_weight, c_attn_bias, how.pass.bf16).view({x.size(0), x.size(1), 3 * x.size(2)});
        if (qkv_wanted != nullptr) *qkv_wanted = qkv;
        const at::Tensor mixed = causal_attention(qkv, how.attention);
        keep(*context, how);
        context->save_for_backward(
            {x, norm.mean, norm.rstd, qkv, mixed, ln_weight, ln_bias, c_attn_weight, c_attn_bias, c_proj_weight, c_proj_bias});
        return add_dropped(x, conv1d(mixed, c_proj_weight, c_proj_bias, how.pass.bf16), how.pass.residual_dropout, how.pass.residual_key);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::NoGradGuard no_graph;
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& qkv = saved[3];
        const at::Tensor& mixed = saved[4];
        const at::Tensor& ln_weight = saved[5];
        const at::Tensor& ln_bias = saved[6];
        const at::Tensor& c_attn_weight = saved[7];
        const at::Tensor& c_proj_weight = saved[9];
        const auto how = kept(*context);
        const bool bf16 = how->pass.bf16;

        const at::Tensor past = flat(gradients[0]).contiguous();
        const at::Tensor above = dropped(past, how->pass.residual_dropout, how->pass.residual_key);
        at::Tensor at_c_proj = weight_gradient(c_proj_weight, flat(mixed), above, bf16);
        at::Tensor at_c_proj_bias = bias_gradient(saved[10], above);
        const at::Tensor at_mixed = product(above, c_proj_weight.t(), bf16).view(mixed.sizes());
        const at::Tensor at_qkv = flat(causal_attention_backward(qkv, at_mixed, how->attention));
        const LayerNorm norm{layer_norm(flat(x), ln_weight, ln_bias, how->pass.layer_norm_epsilon).normed, saved[1], saved[2]};
        at::Tensor at_c_attn = weight_gradient(c_attn_weight, norm.normed, at_qkv, bf16);
        at::Tensor at_c_attn_bias = without_keys(bias_gradient(saved[8], at_qkv));
        auto [at_x, at_ln_weight, at_ln_bias] =
            layer_norm_backward(product(at_qkv, c_attn_weight.t(), bf16), flat(x), norm, ln_weight, ln_bias, past);
        return {at_x.view(x.sizes()), at_ln_weight, at_ln_bias, at_c_attn, at_c_attn_bias, at_c_proj, at_c_proj_bias, {}, {}};
    }
};

struct MlpHalf : torch::autograd::Function<MlpHalf> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& ln_weight, const at::Tensor& ln_bias,
                              const at::Tensor& c_fc_weight, const at::Tensor& c_fc_bias, const at::Tensor& c_proj_weight,
                              const at::Tensor& c_proj_bias, const KeptPass& how) {
        const LayerNorm norm = layer_norm(flat(x), ln_weight, ln_bias, how.pass.layer_norm_epsilon);
        const at::Tensor inner = conv1d(norm.normed, c_fc_weight, c_fc_bias, how.pass.bf16);
        keep(*context, how);
        context->save_for_backward(
            {x, norm.mean, norm.rstd, inner, ln_weight, ln_bias, c_fc_weight, c_fc_bias, c_proj_weight, c_proj_bias});
        const at::Tensor out = conv1d(activate(inner, how.activation), c_proj_weight, c_proj_bias, how.pass.bf16).view(x.sizes());
        return add_dropped(x, out, how.pass.residual_dropout, how.pass.residual_key);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::NoGradGuard no_graph;
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& ln_weight = saved[4];
        const at::Tensor& ln_bias = saved[5];
        const at::Tensor& c_fc_weight = saved[6];
        const at::Tensor& c_proj_weight = saved[8];
        const auto how = kept(*context);
        const bool bf16 = how->pass.bf16;

        const at::Tensor past = flat(gradients[0]).contiguous();
        const at::Tensor above = dropped(past, how->pass.residual_dropout, how->pass.residual_key);
        at::Tensor at_c_proj_bias = bias_gradient(saved[9], above);
        auto [activated, at_inner] = activate_backward(saved[3], product(above, c_proj_weight.t(), bf16), how->activation);
        at::Tensor at_c_proj = weight_gradient(c_proj_weight, activated, above, bf16);
        activated.reset();
        const LayerNorm norm{layer_norm(flat(x), ln_weight, ln_bias, how->pass.layer_norm_epsilon).normed, saved[1], saved[2]};
        at::Tensor at_c_fc = weight_gradient(c_fc_weight, norm.normed, at_inner, bf16);
        at::Tensor at_c_fc_bias = bias_gradient(saved[7], at_inner);
        auto [at_x, at_ln_weight, at_ln_bias] =
            layer_norm_backward(product(at_inner, c_fc_weight.t(), bf16), flat(x), norm, ln_weight, ln_bias, past);
        return {at_x.view(x.sizes()), at_ln_weight, at_ln_bias, at_c_fc, at_c_fc_bias, at_c_proj, at_c_proj_bias, {}};
    }
};

}  // namespace

at::Tensor attention_half(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const CausalAttention& attention,
                          at::Tensor* qkv) {
    if (!x.is_cpu()) return attention_half_on_device(x, block, pass, attention, qkv);
    KeptPass how;
    how.pass = pass;
    how.attention = attention;
    return AttentionHalf::apply(x, block.ln_1_weight, block.ln_1_bias, block.c_attn_weight, block.c_attn_bias, block.attn_c_proj_weight,
                                block.attn_c_proj_bias, how, qkv);
}

at::Tensor mlp_half(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const std::string& activation) {
    if (!x.is_cpu()) return mlp_half_on_device(x, block, pass, activation);
    KeptPass how;
    how.pass = pass;
    how.activation = activation;
    return MlpHalf::apply(x, block.ln_2_weight, block.ln_2_bias, block.c_fc_weight, block.c_fc_bias, block.mlp_c_proj_weight,
                          block.mlp_c_proj_bias, how);
}

}  // namespace lossmith::engine
