#include "core/engine/model/BlockPass.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/engine/model/Activation.h"
#include "core/engine/model/Bfloat16.h"
#include "core/engine/model/DeviceBlocks.h"
#include "core/engine/model/Dropout.h"

namespace lossmith::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What matrix products are made of: x itself, or rounded to bfloat16.
at::Tensor operand(const at::Tensor& x, bool bf16) {
    return bf16 ? rounded(x) : x;
}

/// Operands' product in fp32.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
    return a.scalar_type() == at::kBFloat16 ? widened(at::mm(a, b)) : at::mm(a, b);
}

at::Tensor flat(const at::Tensor& x) {
    return x.reshape({-1, x.size(-1)});
}

/// A Conv1D of operands: what is kept for the backward pass (in bfloat16 without the bias, at half the room), and the fp32 values of that.
at::Tensor kept_conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return x.scalar_type() == at::kBFloat16 ? at::mm(x, weight) : at::addmm(bias, x, weight);
}
at::Tensor of_kept(const at::Tensor& kept, const at::Tensor& bias) {
    return kept.scalar_type() == at::kBFloat16 ? widened(kept, bias) : kept;
}

/// The gradient of a weight [in, out] from the operands x [n, in] and the gradient above [n, out]: added to the weight's own where it is a
/// leaf (then nothing is returned), returned to the graph where it is not.
at::Tensor weight_gradient(at::Tensor weight, const at::Tensor& x, const at::Tensor& above) {
    if (!weight.requires_grad()) return {};
    if (!weight.is_leaf()) return product(x.t(), above);
    at::Tensor& own = weight.mutable_grad();
    if (!own.defined())
        own = product(x.t(), above);
    else if (x.scalar_type() == at::kBFloat16)
        add_widened(own, at::mm(x.t(), above));
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
std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_backward(const at::Tensor& at_normed, const at::Tensor& x, const at::Tensor& mean,
                                                                   const at::Tensor& rstd, const at::Tensor& weight, const at::Tensor& bias,
                                                                   const at::Tensor& past) {
    auto [at_x, at_weight, at_bias] =
        at::native_layer_norm_backward(at_normed, x, {x.size(-1)}, mean, rstd, weight, bias, {true, true, true});
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

/// The normalised input as an operand: kept where it is small, in bfloat16, else computed again.
at::Tensor normed_operand(const at::Tensor& kept, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
    return kept.defined() ? kept : layer_norm(flat(x), weight, bias, epsilon).normed;
}

struct AttentionHalf : torch::autograd::Function<AttentionHalf> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& ln_weight, const at::Tensor& ln_bias,
                              const at::Tensor& c_attn_weight, const at::Tensor& c_attn_bias, const at::Tensor& c_proj_weight,
                              const at::Tensor& c_proj_bias, const KeptPass& how, at::Tensor* qkv_wanted) {
        const bool bf16 = how.pass.bf16;
        const LayerNorm norm = layer_norm(flat(x), ln_weight, ln_bias, how.pass.layer_norm_epsilon);
        const at::Tensor normed = operand(norm.normed, bf16);
        const at::Tensor c_attn = operand(c_attn_weight, bf16);
        const at::Tensor kept_qkv = kept_conv1d(normed, c_attn, c_attn_bias);
        const at::Tensor qkv = of_kept(kept_qkv, c_attn_bias).view({x.size(0), x.size(1), 3 * x.size(2)});
        if (qkv_wanted != nullptr) *qkv_wanted = qkv;
        const at::Tensor mixed = operand(flat(causal_attention(qkv, how.attention)), bf16);
        const at::Tensor c_proj = operand(c_proj_weight, bf16);
        keep(*context, how);
        context->save_for_backward({x, norm.mean, norm.rstd, bf16 ? normed : at::Tensor(), kept_qkv, mixed, ln_weight, ln_bias,
                                    c_attn_weight, c_attn, c_attn_bias, c_proj_weight, c_proj, c_proj_bias});
        const at::Tensor out = of_kept(kept_conv1d(mixed, c_proj, c_proj_bias), c_proj_bias).view(x.sizes());
        return add_dropped(x, out, how.pass.residual_dropout, how.pass.residual_key);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::NoGradGuard no_graph;
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& mixed = saved[5];
        const at::Tensor& ln_weight = saved[6];
        const at::Tensor& ln_bias = saved[7];
        const at::Tensor& c_attn_bias = saved[10];
        const auto how = kept(*context);
        const bool bf16 = how->pass.bf16;

        const at::Tensor past = flat(gradients[0]).contiguous();
        const at::Tensor above = dropped(past, how->pass.residual_dropout, how->pass.residual_key);
        at::Tensor at_c_proj_bias = bias_gradient(saved[13], above);
        const at::Tensor above_c_proj = operand(above, bf16);
        at::Tensor at_c_proj = weight_gradient(saved[11], mixed, above_c_proj);
        const at::Tensor at_mixed = product(above_c_proj, saved[12].t()).view(x.sizes());
        const at::Tensor qkv = of_kept(saved[4], c_attn_bias).view({x.size(0), x.size(1), 3 * x.size(2)});
        const at::Tensor at_qkv = flat(causal_attention_backward(qkv, at_mixed, how->attention));
        at::Tensor at_c_attn_bias = without_keys(bias_gradient(c_attn_bias, at_qkv));
        const at::Tensor above_c_attn = operand(at_qkv, bf16);
        const at::Tensor normed = normed_operand(saved[3], x, ln_weight, ln_bias, how->pass.layer_norm_epsilon);
        at::Tensor at_c_attn = weight_gradient(saved[8], normed, above_c_attn);
        auto [at_x, at_ln_weight, at_ln_bias] =
            layer_norm_backward(product(above_c_attn, saved[9].t()), flat(x), saved[1], saved[2], ln_weight, ln_bias, past);
        return {at_x.view(x.sizes()), at_ln_weight, at_ln_bias, at_c_attn, at_c_attn_bias, at_c_proj, at_c_proj_bias, {}, {}};
    }
};

struct MlpHalf : torch::autograd::Function<MlpHalf> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& ln_weight, const at::Tensor& ln_bias,
                              const at::Tensor& c_fc_weight, const at::Tensor& c_fc_bias, const at::Tensor& c_proj_weight,
                              const at::Tensor& c_proj_bias, const KeptPass& how) {
        const bool bf16 = how.pass.bf16;
        const LayerNorm norm = layer_norm(flat(x), ln_weight, ln_bias, how.pass.layer_norm_epsilon);
        const at::Tensor normed = operand(norm.normed, bf16);
        const at::Tensor c_fc = operand(c_fc_weight, bf16);
        const at::Tensor inner = kept_conv1d(normed, c_fc, c_fc_bias);
        const at::Tensor c_proj = operand(c_proj_weight, bf16);
        keep(*context, how);
        context->save_for_backward({x, norm.mean, norm.rstd, bf16 ? normed : at::Tensor(), inner, ln_weight, ln_bias, c_fc_weight, c_fc,
                                    c_fc_bias, c_proj_weight, c_proj, c_proj_bias});
        const at::Tensor activated = operand(activate(of_kept(inner, c_fc_bias), how.activation), bf16);
        const at::Tensor out = of_kept(kept_conv1d(activated, c_proj, c_proj_bias), c_proj_bias).view(x.sizes());
        return add_dropped(x, out, how.pass.residual_dropout, how.pass.residual_key);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::NoGradGuard no_graph;
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& ln_weight = saved[5];
        const at::Tensor& ln_bias = saved[6];
        const at::Tensor& c_fc_bias = saved[9];
        const auto how = kept(*context);
        const bool bf16 = how->pass.bf16;

        const at::Tensor past = flat(gradients[0]).contiguous();
        const at::Tensor above = dropped(past, how->pass.residual_dropout, how->pass.residual_key);
        at::Tensor at_c_proj_bias = bias_gradient(saved[12], above);
        const at::Tensor above_c_proj = operand(above, bf16);
        auto [activated, at_inner] = activate_backward(of_kept(saved[4], c_fc_bias), product(above_c_proj, saved[11].t()), how->activation);
        at::Tensor at_c_proj = weight_gradient(saved[10], operand(activated, bf16), above_c_proj);
        activated.reset();
        at::Tensor at_c_fc_bias = bias_gradient(c_fc_bias, at_inner);
        const at::Tensor above_c_fc = operand(at_inner, bf16);
        const at::Tensor normed = normed_operand(saved[3], x, ln_weight, ln_bias, how->pass.layer_norm_epsilon);
        at::Tensor at_c_fc = weight_gradient(saved[7], normed, above_c_fc);
        auto [at_x, at_ln_weight, at_ln_bias] =
            layer_norm_backward(product(above_c_fc, saved[8].t()), flat(x), saved[1], saved[2], ln_weight, ln_bias, past);
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
