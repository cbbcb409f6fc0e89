// torch.nn.functional where its Python form is not the operator's own: losses, softmax, dropout, padding.
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cmath>

#include "core/engine/loss/RowCrossEntropy.h"
#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/OperatorFamily.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

const at::Tensor& needed(Context& context, const Value& value, const NativeFunction& self, std::string_view name) {
    if (!value.is_tensor())
        context.fail("`" + self.name + "` takes a tensor as `" + std::string(name) + "`, not " + described(value) + ".",
                     value.is_number() ? "Write torch.tensor(…)." : "");
    return value.as_tensor();
}

// PyTorch's numbers for a reduction's name.
Value reduction_number(Context& context, const Value& reduction) {
    if (reduction.is(ValueKind::String)) {
        const std::string& name = reduction.as_string();
        if (name == "none") return {0};
        if (name == "mean") return {1};
        if (name == "sum") return {2};
    }
    context.fail(repr(reduction) + " is not a valid value for reduction.", "Write reduction=\"none\", \"mean\" or \"sum\".");
}

Value reduced(Context& context, const Value& loss, const Value& reduction) {
    const std::int64_t how = reduction_number(context, reduction).as_int();
    return how == 0 ? loss : op(context, how == 1 ? "mean" : "sum", {loss});
}

Value cross_entropy(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    const bool plain = args[0].is_tensor() && args[1].is_tensor() && args[2].is_none() && args[4].is_integral() && args[7].is_number() &&
                       args[7].as_float() == 0.0;
    if (plain && fits_row_cross_entropy(args[0].as_tensor(), args[1].as_tensor(), args[4].as_int())) {
        const std::int64_t how = reduction_number(context, args[6]).as_int();
        const at::Tensor& labels = args[1].as_tensor();
        const at::Tensor losses = row_cross_entropy(args[0].as_tensor(), labels, args[4].as_int());
        if (how == 0) return Value(losses);
        const at::Tensor sum = losses.sum();
        return Value(how == 2 ? sum : sum / (labels != args[4].as_int()).sum());
    }
    return op(context, "cross_entropy_loss", {args[0], args[1], args[2], reduction_number(context, args[6]), args[4], args[7]});
}

Value nll_loss(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    return op(context, "nll_loss_nd", {args[0], args[1], args[2], reduction_number(context, args[6]), args[4]});
}

Value kl_div(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    if (args[4].is(ValueKind::String) && args[4].as_string() == "batchmean") {
        const Value total = op(context, "kl_div", {args[0], args[1], Value(2)}, {{"log_target", args[5]}});
        if (args[0].as_tensor().dim() == 0) return total;
        return binary(context, Operator::Divide, total, Value(args[0].as_tensor().size(0)));
    }
    return op(context, "kl_div", {args[0], args[1], reduction_number(context, args[4])}, {{"log_target", args[5]}});
}

template <const char* (*aten)()>
Value plain_loss(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    return op(context, aten(), {args[0], args[1], reduction_number(context, args[4])});
}

const char* mse_name() {
    return "mse_loss";
}
const char* l1_name() {
    return "l1_loss";
}
const char* soft_margin_name() {
    return "soft_margin_loss";
}

Value smooth_l1(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    if (real(context, args[5], "beta") == 0.0) return op(context, "l1_loss", {args[0], args[1], reduction_number(context, args[4])});
    return op(context, "smooth_l1_loss", {args[0], args[1], reduction_number(context, args[4]), args[5]});
}

Value huber(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    return op(context, "huber_loss", {args[0], args[1], reduction_number(context, args[2]), args[3]});
}

Value bce(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    if (args[0].as_tensor().sizes() != args[1].as_tensor().sizes())
        context.fail("Using a target size (" + described(args[1]) + ") that is different to the input size (" + described(args[0]) +
                         ") is deprecated. Please ensure they have the same size.",
                     "Bring both to one shape.");
    return op(context, "binary_cross_entropy", {args[0], args[1], args[2], reduction_number(context, args[5])});
}

Value bce_with_logits(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "target");
    if (args[0].as_tensor().sizes() != args[1].as_tensor().sizes())
        context.fail("Target size (" + described(args[1]) + ") must be the same as input size (" + described(args[0]) + ").",
                     "Bring both to one shape.");
    return op(context, "binary_cross_entropy_with_logits", {args[0], args[1], args[2], args[6], reduction_number(context, args[5])});
}

Value cosine_embedding(Context& context, const NativeFunction&, Bound args) {
    return op(context, "cosine_embedding_loss", {args[0], args[1], args[2], args[3], reduction_number(context, args[6])});
}
Value margin_ranking(Context& context, const NativeFunction&, Bound args) {
    return op(context, "margin_ranking_loss", {args[0], args[1], args[2], args[3], reduction_number(context, args[6])});
}
Value hinge_embedding(Context& context, const NativeFunction&, Bound args) {
    return op(context, "hinge_embedding_loss", {args[0], args[1], args[2], reduction_number(context, args[5])});
}
Value triplet(Context& context, const NativeFunction&, Bound args) {
    return op(context, "triplet_margin_loss",
              {args[0], args[1], args[2], args[3], args[4], args[5], args[6], reduction_number(context, args[9])});
}
Value poisson(Context& context, const NativeFunction&, Bound args) {
    return op(context, "poisson_nll_loss", {args[0], args[1], args[2], args[3], args[5], reduction_number(context, args[7])});
}
Value multi_margin(Context& context, const NativeFunction&, Bound args) {
    return op(context, "multi_margin_loss", {args[0], args[1], args[2], args[3], args[4], reduction_number(context, args[7])});
}

Value gaussian_nll(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[2], self, "var");
    Value variance = args[2];
    {
        // As PyTorch: clamped where its gradient is not asked for
        variance = Value(variance.as_tensor().clone());
        const Value bounded = op(context, "clamp", {Value(variance.as_tensor().detach())}, {{"min", args[4]}});
        variance.as_tensor().detach().copy_(bounded.as_tensor());
    }
    const Value difference = binary(context, Operator::Subtract, args[0], args[1]);
    Value loss = binary(context, Operator::Add, op(context, "log", {variance}),
                        binary(context, Operator::Divide, op(context, "square", {difference}), variance));
    loss = binary(context, Operator::Multiply, loss, Value(0.5));
    if (context.truth(args[3])) loss = binary(context, Operator::Add, loss, Value(0.5 * std::log(2 * M_PI)));
    return reduced(context, loss, args[5]);
}

// PyTorch's guess where no dimension is given.
Value softmax_dimension(const at::Tensor& tensor, const Value& given) {
    if (!given.is_none()) return given;
    return {tensor.dim() == 0 || tensor.dim() == 1 || tensor.dim() == 3 ? 0 : 1};
}

Value softmax(Context& context, const NativeFunction& self, Bound args) {
    return op(context, "softmax", {args[0], softmax_dimension(needed(context, args[0], self, "input"), args[1]), args[3]});
}
Value softmin(Context& context, const NativeFunction& self, Bound args) {
    return op(context, "softmax",
              {unary(context, Operator::Negate, args[0]), softmax_dimension(needed(context, args[0], self, "input"), args[1]), args[3]});
}
Value log_softmax(Context& context, const NativeFunction& self, Bound args) {
    return op(context, "log_softmax", {args[0], softmax_dimension(needed(context, args[0], self, "input"), args[1]), args[3]});
}

Value gumbel_softmax(Context& context, const NativeFunction& self, Bound args) {
    const at::Tensor& logits = needed(context, args[0], self, "logits");
    const Value noise = op(context, "exponential_", {op(context, "zeros_like", {Value(logits.detach())})});
    const Value gumbels = unary(context, Operator::Negate, op(context, "log", {noise}));
    const Value scaled = binary(context, Operator::Divide, binary(context, Operator::Add, args[0], gumbels), args[1]);
    const Value soft = op(context, "softmax", {scaled, args[4]});
    if (!context.truth(args[2])) return soft;
    const Value index = op(context, "argmax", {soft, args[4], Value(true)});
    const Value hard = op(context, "scatter_", {op(context, "zeros_like", {Value(logits.detach())}), args[4], index, Value(1.0)});
    return binary(context, Operator::Add, binary(context, Operator::Subtract, hard, Value(soft.as_tensor().detach())), soft);
}

Value dropout(Context& context, const NativeFunction&, Bound args) {
    return op(context, "dropout", {args[0], args[1], args[2]});
}

Value normalize(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    const Value dims = args[2].is(ValueKind::Int) ? context.tuple({args[2]}) : args[2];
    const Value length = op(context, "norm", {args[0], args[1], dims, Value(true)});
    const Value safe = op(context, "expand_as", {op(context, "clamp_min", {length, args[3]}), args[0]});
    return binary(context, Operator::Divide, args[0], safe);
}

Value embedding(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    needed(context, args[1], self, "weight");
    const OperatorFamily* found = family("embedding", Memory::Gather);
    const Value given[] = {args[1], args[0]};
    return dispatch(context, *found, given, {});
}

Value linear(Context& context, const NativeFunction& self, Bound args) {
    needed(context, args[0], self, "input");
    const at::Tensor& weight = needed(context, args[1], self, "weight");
    if (weight.dim() == 2)
        context.reserve_tensor(static_cast<double>(args[0].as_tensor().numel()) /
                               static_cast<double>(std::max<std::int64_t>(weight.size(1), 1)) * static_cast<double>(weight.size(0)) *
                               static_cast<double>(weight.element_size()));
    return op(context, "linear", {args[0], args[1], args[2]});
}

Value pad(Context& context, const NativeFunction& self, Bound args) {
    const at::Tensor& tensor = needed(context, args[0], self, "input");
    const std::vector<Value> sides = context.iterate(args[1]);
    double count = static_cast<double>(tensor.numel());
    for (std::size_t i = 0; i + 1 < sides.size() && static_cast<std::int64_t>(i / 2) < tensor.dim(); i += 2) {
        const auto size = static_cast<double>(std::max<std::int64_t>(tensor.size(-static_cast<std::int64_t>(i / 2) - 1), 1));
        count = count / size * std::max(0.0, size + real(context, sides[i], "A padding") + real(context, sides[i + 1], "A padding"));
    }
    context.reserve_tensor(count * static_cast<double>(tensor.element_size()));
    const Value fill = args[3].is_none() ? Value(0.0) : args[3];
    if (args[2].as_string() == "constant") return op(context, "constant_pad_nd", {args[0], args[1], fill});
    return op(context, "pad", {args[0], args[1], args[2]});
}

}  // namespace

void add_functional(Library& library) {
    const auto add = [&](const char* declaration, Library::Bound function) { library.add("torch.nn.functional", declaration, function); };
    add("cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', "
        "label_smoothing=0.0)",
        cross_entropy);
    add("nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean')", nll_loss);
    add("kl_div(input, target, size_average=None, reduce=None, reduction='mean', log_target=False)", kl_div);
    add("mse_loss(input, target, size_average=None, reduce=None, reduction='mean')", plain_loss<mse_name>);
    add("l1_loss(input, target, size_average=None, reduce=None, reduction='mean')", plain_loss<l1_name>);
    add("soft_margin_loss(input, target, size_average=None, reduce=None, reduction='mean')", plain_loss<soft_margin_name>);
    add("smooth_l1_loss(input, target, size_average=None, reduce=None, reduction='mean', beta=1.0)", smooth_l1);
    add("huber_loss(input, target, reduction='mean', delta=1.0)", huber);
    add("binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction='mean')", bce);
    add("binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction='mean', pos_weight=None)",
        bce_with_logits);
    add("cosine_embedding_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction='mean')", cosine_embedding);
    add("margin_ranking_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction='mean')", margin_ranking);
    add("hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction='mean')", hinge_embedding);
    add("triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-06, swap=False, size_average=None, reduce=None, "
        "reduction='mean')",
        triplet);
    add("poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean')",
        poisson);
    add("multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction='mean')", multi_margin);
    add("gaussian_nll_loss(input, target, var, full=False, eps=1e-06, reduction='mean')", gaussian_nll);
    add("softmax(input, dim=None, _stacklevel=3, dtype=None)", softmax);
    add("softmin(input, dim=None, _stacklevel=3, dtype=None)", softmin);
    add("log_softmax(input, dim=None, _stacklevel=3, dtype=None)", log_softmax);
    add("gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1)", gumbel_softmax);
    add("dropout(input, p=0.5, training=True, inplace=False)", dropout);
    add("normalize(input, p=2.0, dim=1, eps=1e-12)", normalize);
    add("embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False)", embedding);
    add("linear(input, weight, bias=None)", linear);
    add("pad(input, pad, mode='constant', value=None)", pad);
}

}  // namespace lossmith::engine::language
