#include "core/engine/model/BlockPass.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <tuple>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/Activation.h"
#include "core/engine/model/Bfloat16.h"
#include "core/engine/model/DeviceBlocks.h"
#include "core/engine/model/Dropout.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/Product.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor flat(const at::Tensor& x) {
    return x.reshape({-1, x.size(-1)});
}

/// The gradient of a weight [in, out] from the operands x [n, in] and the gradient above [n, out]: added to the weight's own where it is a
/// leaf (then nothing is returned), returned to the graph where it is not.
at::Tensor weight_gradient(at::Tensor weight, const at::Tensor& x, const at::Tensor& above, bool bf16) {
    if (!weight.requires_grad()) return {};
    if (!weight.is_leaf()) return product(x.t(), above, bf16);
    at::Tensor& own = weight.mutable_grad();
    if (own.defined())
        add_product(own, x.t(), above, bf16);
    else
        own = product(x.t(), above, bf16);
    return {};
}

at::Tensor bias_gradient(const at::Tensor& bias, const at::Tensor& above) {
    if (!bias.requires_grad()) return {};
    if (!is_host_float(above) || above.stride(1) != 1) return above.sum(0);
    at::Tensor sums = at::empty({above.size(1)}, above.options());
    constexpr std::int64_t columns_at_once = 128;
    parallel_for(0, above.size(1), columns_at_once, [&](std::int64_t begin, std::int64_t end) {
        sum_of_rows(above.data_ptr<float>() + begin, static_cast<std::size_t>(above.size(0)), static_cast<std::size_t>(above.stride(0)),
                    static_cast<std::size_t>(end - begin), sums.data_ptr<float>() + begin);
    });
    return sums;
}

struct LayerNorm {
    at::Tensor normed, mean, rstd;
};

LayerNorm layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
    auto [normed, mean, rstd] = at::native_layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
    return {std::move(normed), std::move(mean), std::move(rstd)};
}

/// {at x with the gradient that came past the half, at weight, at bias}; undefined where none is required.
std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_backward(const at::Tensor& at_normed, const at::Tensor& x, const at::Tensor& mean,
                                                                   const at::Tensor& rstd, const at::Tensor& weight, const at::Tensor& bias,
                                                                   const at::Tensor& past, bool wanted_at_x) {
    const std::array<bool, 3> wanted = {wanted_at_x, weight.requires_grad(), bias.requires_grad()};
    auto [at_x, at_weight, at_bias] = at::native_layer_norm_backward(at_normed, x, {x.size(-1)}, mean, rstd, weight, bias, wanted);
    if (wanted_at_x) at_x.add_(past);
    return {std::move(at_x), std::move(at_weight), std::move(at_bias)};
}

/// A Conv1D of a half, with what an adapter adds to it.
struct Conv {
    at::Tensor weight, bias;
    at::Tensor operand;  // the weight as it is multiplied
    LoraPair lora;
    DropoutKey key;  // of the dropout before the change
    bool bf16 = false;

    /// x as the change sees it.
    [[nodiscard]] at::Tensor input_of_change(const at::Tensor& x) const {
        return lora.dropout > 0.0 ? dropped(widened(x), lora.dropout, key) : x;
    }
};

/// Of operands x [n, in], in fp32.
at::Tensor output_of(const Conv& conv, const at::Tensor& x) {
    at::Tensor y = product(x, conv.operand, conv.bf16, conv.bias);
    if (conv.lora.a.defined()) {
        const at::Tensor low = product(conv.input_of_change(x), conv.lora.a.t(), conv.bf16);
        add_product(y, low.mul_(conv.lora.scaling), conv.lora.b.t(), conv.bf16);
    }
    return y;
}

/// What is kept for the backward pass of a large activation: in bfloat16 at half the room.
at::Tensor to_keep(const at::Tensor& x, bool bf16) {
    return bf16 ? rounded(x) : x;
}

/// The gradient at a change's A x^T, [n, r].
at::Tensor at_low(const Conv& conv, const at::Tensor& above) {
    return product(above, conv.lora.b, conv.bf16).mul_(conv.lora.scaling);
}

/// The gradient at x [n, in], from the operand above.
at::Tensor input_gradient(const Conv& conv, const at::Tensor& above) {
    const at::Tensor at_x = product(above, conv.operand.t(), conv.bf16);
    if (!conv.lora.a.defined()) return at_x;
    return add_dropped(at_x, product(at_low(conv, above), conv.lora.a, conv.bf16), conv.lora.dropout, conv.key);
}

struct ConvGradients {
    at::Tensor weight, a, b;
};

/// Those at the matrices, from operands; undefined where none is required or where it was added in place.
ConvGradients matrix_gradients(const Conv& conv, const at::Tensor& x, const at::Tensor& above) {
    ConvGradients gradients{weight_gradient(conv.weight, x, above, conv.bf16), {}, {}};
    if (!conv.lora.a.requires_grad() && !conv.lora.b.requires_grad()) return gradients;
    const at::Tensor in = conv.input_of_change(x);
    gradients.a = weight_gradient(conv.lora.a, at_low(conv, above), in, conv.bf16);
    const at::Tensor low = product(in, conv.lora.a.t(), conv.bf16).mul_(conv.lora.scaling);
    gradients.b = weight_gradient(conv.lora.b, above, low, conv.bf16);
    return gradients;
}

/// The half as autograd is to know it: its tensors come one by one, and LoRA's numbers beside them.
struct KeptPass : torch::CustomClassHolder {
    BlockPass pass;
    CausalAttention attention;
    std::string activation;
    LoraPair first, second;  // without their tensors
};

LoraPair without_tensors(LoraPair pair, bool dropout_on) {
    pair.a = pair.b = at::Tensor();
    if (!dropout_on) pair.dropout = 0.0;
    return pair;
}

/// An argument that autograd is to pass over when there is none; an undefined tensor it would not.
using MaybeTensor = c10::optional<at::Tensor>;

MaybeTensor maybe(const at::Tensor& tensor) {
    return tensor.defined() ? MaybeTensor(tensor) : MaybeTensor();
}

Conv conv_of(const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& multiplied, const MaybeTensor& a, const MaybeTensor& b,
             LoraPair lora, DropoutKey key, bool bf16) {
    lora.a = a.value_or(at::Tensor());
    lora.b = b.value_or(at::Tensor());
    return {weight, bias, multiplied, std::move(lora), key, bf16};
}

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
                              const at::Tensor& c_attn_weight, const at::Tensor& c_attn_bias, const MaybeTensor& c_attn_a,
                              const MaybeTensor& c_attn_b, const at::Tensor& c_proj_weight, const at::Tensor& c_proj_bias,
                              const MaybeTensor& c_proj_a, const MaybeTensor& c_proj_b, const KeptPass& how, at::Tensor* qkv_wanted) {
        const bool bf16 = how.pass.bf16;
        const LayerNorm norm = layer_norm(flat(x), ln_weight, ln_bias, how.pass.layer_norm_epsilon);
        const at::Tensor normed = to_keep(norm.normed, bf16);
        const Conv c_attn =
            conv_of(c_attn_weight, c_attn_bias, operand(c_attn_weight, bf16), c_attn_a, c_attn_b, how.first, how.pass.lora.first, bf16);
        const at::Tensor qkv = output_of(c_attn, normed).view({x.size(0), x.size(1), 3 * x.size(2)});
        if (qkv_wanted != nullptr) *qkv_wanted = qkv;
        const at::Tensor mixed = to_keep(flat(causal_attention(qkv, how.attention)), bf16);
        const Conv c_proj =
            conv_of(c_proj_weight, c_proj_bias, operand(c_proj_weight, bf16), c_proj_a, c_proj_b, how.second, how.pass.lora.second, bf16);
        keep(*context, how);
        const bool c_proj_moves = c_proj.weight.requires_grad() || c_proj.lora.a.defined();
        context->save_for_backward({x, norm.mean, norm.rstd, bf16 ? normed : at::Tensor(), to_keep(qkv, bf16),
                                    c_proj_moves ? mixed : at::Tensor(), ln_weight, ln_bias, c_attn.weight, c_attn.bias, c_attn.operand,
                                    c_attn.lora.a, c_attn.lora.b, c_proj.weight, c_proj.bias, c_proj.operand, c_proj.lora.a,
                                    c_proj.lora.b});
        const at::Tensor out = output_of(c_proj, mixed).view(x.sizes());
        return add_dropped(x, out, how.pass.residual_dropout, how.pass.residual_key);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::NoGradGuard no_graph;
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& mixed = saved[5];
        const at::Tensor& ln_weight = saved[6];
        const at::Tensor& ln_bias = saved[7];
        const auto how = kept(*context);
        const bool bf16 = how->pass.bf16;
        const Conv c_attn = conv_of(saved[8], saved[9], saved[10], saved[11], saved[12], how->first, how->pass.lora.first, bf16);
        const Conv c_proj = conv_of(saved[13], saved[14], saved[15], saved[16], saved[17], how->second, how->pass.lora.second, bf16);

        const at::Tensor past = flat(gradients[0]).contiguous();
        const at::Tensor above = dropped(past, how->pass.residual_dropout, how->pass.residual_key);
        at::Tensor at_c_proj_bias = bias_gradient(c_proj.bias, above);
        const at::Tensor above_c_proj = operand(above, bf16);
        ConvGradients at_c_proj = matrix_gradients(c_proj, mixed, above_c_proj);
        const at::Tensor at_mixed = input_gradient(c_proj, above_c_proj).view(x.sizes());
        const at::Tensor qkv = widened(saved[4]);
        const at::Tensor at_qkv = flat(causal_attention_backward(qkv, at_mixed, how->attention));
        at::Tensor at_c_attn_bias = without_keys(bias_gradient(c_attn.bias, at_qkv));
        const at::Tensor above_c_attn = operand(at_qkv, bf16);
        const at::Tensor normed = normed_operand(saved[3], x, ln_weight, ln_bias, how->pass.layer_norm_epsilon);
        ConvGradients at_c_attn = matrix_gradients(c_attn, normed, above_c_attn);
        at::Tensor at_x, at_ln_weight, at_ln_bias;
        if (x.requires_grad() || ln_weight.requires_grad() || ln_bias.requires_grad())
            std::tie(at_x, at_ln_weight, at_ln_bias) = layer_norm_backward(input_gradient(c_attn, above_c_attn), flat(x), saved[1],
                                                                           saved[2], ln_weight, ln_bias, past, x.requires_grad());
        if (at_x.defined()) at_x = at_x.view(x.sizes());
        return {at_x,        at_ln_weight,     at_ln_bias,     at_c_attn.weight, at_c_attn_bias, at_c_attn.a,
                at_c_attn.b, at_c_proj.weight, at_c_proj_bias, at_c_proj.a,      at_c_proj.b,    {},
                {}};
    }
};

struct MlpHalf : torch::autograd::Function<MlpHalf> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& ln_weight, const at::Tensor& ln_bias,
                              const at::Tensor& c_fc_weight, const at::Tensor& c_fc_bias, const MaybeTensor& c_fc_a,
                              const MaybeTensor& c_fc_b, const at::Tensor& c_proj_weight, const at::Tensor& c_proj_bias,
                              const MaybeTensor& c_proj_a, const MaybeTensor& c_proj_b, const KeptPass& how) {
        const bool bf16 = how.pass.bf16;
        const LayerNorm norm = layer_norm(flat(x), ln_weight, ln_bias, how.pass.layer_norm_epsilon);
        const at::Tensor normed = to_keep(norm.normed, bf16);
        const Conv c_fc = conv_of(c_fc_weight, c_fc_bias, operand(c_fc_weight, bf16), c_fc_a, c_fc_b, how.first, how.pass.lora.first, bf16);
        const at::Tensor inner = output_of(c_fc, normed);
        const Conv c_proj =
            conv_of(c_proj_weight, c_proj_bias, operand(c_proj_weight, bf16), c_proj_a, c_proj_b, how.second, how.pass.lora.second, bf16);
        keep(*context, how);
        context->save_for_backward({x, norm.mean, norm.rstd, bf16 ? normed : at::Tensor(), to_keep(inner, bf16), ln_weight, ln_bias,
                                    c_fc.weight, c_fc.bias, c_fc.operand, c_fc.lora.a, c_fc.lora.b, c_proj.weight, c_proj.bias,
                                    c_proj.operand, c_proj.lora.a, c_proj.lora.b});
        const at::Tensor activated = operand(activate(inner, how.activation), bf16);
        const at::Tensor out = output_of(c_proj, activated).view(x.sizes());
        return add_dropped(x, out, how.pass.residual_dropout, how.pass.residual_key);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::NoGradGuard no_graph;
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& ln_weight = saved[5];
        const at::Tensor& ln_bias = saved[6];
        const auto how = kept(*context);
        const bool bf16 = how->pass.bf16;
        const Conv c_fc = conv_of(saved[7], saved[8], saved[9], saved[10], saved[11], how->first, how->pass.lora.first, bf16);
        const Conv c_proj = conv_of(saved[12], saved[13], saved[14], saved[15], saved[16], how->second, how->pass.lora.second, bf16);

        const at::Tensor past = flat(gradients[0]).contiguous();
        const at::Tensor above = dropped(past, how->pass.residual_dropout, how->pass.residual_key);
        at::Tensor at_c_proj_bias = bias_gradient(c_proj.bias, above);
        const at::Tensor above_c_proj = operand(above, bf16);
        auto [activated, at_inner] = activate_backward(widened(saved[4]), input_gradient(c_proj, above_c_proj), how->activation);
        ConvGradients at_c_proj = matrix_gradients(c_proj, operand(activated, bf16), above_c_proj);
        activated.reset();
        at::Tensor at_c_fc_bias = bias_gradient(c_fc.bias, at_inner);
        const at::Tensor above_c_fc = operand(at_inner, bf16);
        const at::Tensor normed = normed_operand(saved[3], x, ln_weight, ln_bias, how->pass.layer_norm_epsilon);
        ConvGradients at_c_fc = matrix_gradients(c_fc, normed, above_c_fc);
        at::Tensor at_x, at_ln_weight, at_ln_bias;
        if (x.requires_grad() || ln_weight.requires_grad() || ln_bias.requires_grad())
            std::tie(at_x, at_ln_weight, at_ln_bias) = layer_norm_backward(input_gradient(c_fc, above_c_fc), flat(x), saved[1], saved[2],
                                                                           ln_weight, ln_bias, past, x.requires_grad());
        if (at_x.defined()) at_x = at_x.view(x.sizes());
        return {at_x,      at_ln_weight,     at_ln_bias,     at_c_fc.weight, at_c_fc_bias, at_c_fc.a,
                at_c_fc.b, at_c_proj.weight, at_c_proj_bias, at_c_proj.a,    at_c_proj.b,  {}};
    }
};

}  // namespace

at::Tensor attention_half(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const CausalAttention& attention,
                          at::Tensor* qkv) {
    if (!x.is_cpu()) return attention_half_on_device(x, block, pass, attention, qkv);
    KeptPass how;
    how.pass = pass;
    how.attention = attention;
    how.first = without_tensors(block.c_attn_lora, pass.lora.on);
    how.second = without_tensors(block.attn_c_proj_lora, pass.lora.on);
    return AttentionHalf::apply(x, block.ln_1_weight, block.ln_1_bias, block.c_attn_weight, block.c_attn_bias, maybe(block.c_attn_lora.a),
                                maybe(block.c_attn_lora.b), block.attn_c_proj_weight, block.attn_c_proj_bias,
                                maybe(block.attn_c_proj_lora.a), maybe(block.attn_c_proj_lora.b), how, qkv);
}

at::Tensor mlp_half(const at::Tensor& x, const Gpt2Block& block, const BlockPass& pass, const std::string& activation) {
    if (!x.is_cpu()) return mlp_half_on_device(x, block, pass, activation);
    KeptPass how;
    how.pass = pass;
    how.activation = activation;
    how.first = without_tensors(block.c_fc_lora, pass.lora.on);
    how.second = without_tensors(block.mlp_c_proj_lora, pass.lora.on);
    return MlpHalf::apply(x, block.ln_2_weight, block.ln_2_bias, block.c_fc_weight, block.c_fc_bias, maybe(block.c_fc_lora.a),
                          maybe(block.c_fc_lora.b), block.mlp_c_proj_weight, block.mlp_c_proj_bias, maybe(block.mlp_c_proj_lora.a),
                          maybe(block.mlp_c_proj_lora.b), how);
}

}  // namespace lossmith::engine
