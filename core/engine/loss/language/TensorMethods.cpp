// Methods of tensors, and functions of torch, whose Python form is not the operator's own.
#include <ATen/core/Tensor.h>

#include <cmath>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/OperatorFamily.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

const at::Tensor& tensor_in(Context& context, const Value& value, const NativeFunction& self) {
    if (!value.is_tensor()) context.fail("`" + self.name + "` takes a tensor, not " + described(value) + ".", "");
    return value.as_tensor();
}

Value item(Context& context, const NativeFunction&, Bound args) {
    Observer* observer = std::exchange(context.observer, nullptr);  // the call itself is reported as "item"
    Value result = item_of(context, args[0], "item");
    context.observer = observer;
    return result;
}

Value nested_list(Context& context, const at::Tensor& tensor) {
    context.step();
    if (tensor.dim() == 0) {
        const c10::Scalar scalar = tensor.item();
        return scalar.isBoolean() ? Value(scalar.toBool()) : scalar.isFloatingPoint() ? Value(scalar.toDouble()) : Value(scalar.toLong());
    }
    context.reserve_items(tensor.numel());
    std::vector<Value> items;
    if (tensor.dim() == 1) {
        const at::Tensor flat =
            tensor.is_floating_point() ? tensor.to(at::kCPU, at::kDouble).contiguous() : tensor.to(at::kCPU, at::kLong).contiguous();
        for (std::int64_t i = 0; i < flat.numel(); ++i) {
            if (tensor.is_floating_point())
                items.emplace_back(flat.data_ptr<double>()[i]);
            else if (tensor.scalar_type() == at::kBool)
                items.emplace_back(flat.data_ptr<std::int64_t>()[i] != 0);
            else
                items.emplace_back(flat.data_ptr<std::int64_t>()[i]);
        }
        context.step(flat.numel() / 16);
    } else {
        for (std::int64_t i = 0; i < tensor.size(0); ++i) items.push_back(nested_list(context, tensor.select(0, i)));
    }
    return context.list(std::move(items));
}

Value tolist(Context& context, const NativeFunction&, Bound args) {
    return nested_list(context, args[0].as_tensor().detach());
}

Value size(Context& context, const NativeFunction&, Bound args) {
    if (args[1].is_none()) return attribute(context, args[0], "shape");
    const std::int64_t dimension = whole(context, args[1], "The dimension");
    const at::Tensor& tensor = args[0].as_tensor();
    if (dimension >= tensor.dim() || dimension < -tensor.dim())
        context.fail("Dimension out of range (expected to be in range of [" + std::to_string(-std::max<std::int64_t>(tensor.dim(), 1)) +
                         ", " + std::to_string(std::max<std::int64_t>(tensor.dim(), 1) - 1) + "], but got " + std::to_string(dimension) +
                         "): the tensor is " + described(args[0]) + ".",
                     "Dimensions count from 0; -1 is the last.");
    return {tensor.size(dimension)};
}

Value dim(Context&, const NativeFunction&, Bound args) {
    return {args[0].as_tensor().dim()};
}
Value numel(Context& context, const NativeFunction& self, Bound args) {
    return {tensor_in(context, args[0], self).numel()};
}

Value convert(Context& context, const NativeFunction&, Arguments given, Keywords keywords) {
    const OperatorFamily& to = *family("to");
    std::vector<Keyword> kept(keywords.begin(), keywords.end());
    std::erase_if(kept, [](const Keyword& keyword) { return keyword.name == "non_blocking"; });
    // to(device, dtype), to(device), to(dtype), to(other): the plain ones as the schemas have them
    if (given.size() == 2 && (given[1].is(ValueKind::String) || given[1].is(ValueKind::Device))) {
        kept.push_back({"device", given[1]});
        return dispatch(context, to, given.subspan(0, 1), kept);
    }
    if (given.size() == 3 && (given[1].is(ValueKind::String) || given[1].is(ValueKind::Device)) && given[2].is(ValueKind::Dtype)) {
        kept.push_back({"device", given[1]});
        kept.push_back({"dtype", given[2]});
        return dispatch(context, to, given.subspan(0, 1), kept);
    }
    return dispatch(context, to, given, kept);
}

template <at::ScalarType type>
Value cast(Context& context, const NativeFunction&, Bound args) {
    return op(context, "to", {args[0], Value::dtype(static_cast<int>(type))});
}

Value type_as(Context& context, const NativeFunction&, Bound args) {
    return op(context, "to", {args[0], args[1]});
}
Value cast_type(Context& context, const NativeFunction&, Bound args) {
    if (!args[1].is(ValueKind::Dtype))
        context.fail("type takes a torch.dtype, not " + described(args[1]) + ".", "Write x.to(torch.float32).");
    return op(context, "to", {args[0], args[1]});
}
Value to_cpu(Context& context, const NativeFunction&, Bound args) {
    return op(context, "to", {args[0]}, {{"device", Value("cpu")}});
}
Value to_cuda(Context& context, const NativeFunction&, Bound args) {
    return op(context, "to", {args[0]}, {{"device", Value("cuda")}});
}

Value requires_grad_(Context& context, const NativeFunction&, Bound args) {
    const at::Tensor& tensor = args[0].as_tensor();
    if (!tensor.is_leaf())
        context.fail("you can only change requires_grad flags of leaf variables.",
                     "Use .detach().requires_grad_() for a tensor of its own.");
    if (context.truth(args[1]) && !tensor.is_floating_point())
        context.fail("only Tensors of floating point dtype can require gradients.", "Convert with .float().");
    tensor.requires_grad_(context.truth(args[1]));
    return args[0];
}

Value norm(Context& context, const NativeFunction& self, Bound args) {
    tensor_in(context, args[0], self);
    Value p = args[1];
    if (p.is(ValueKind::String)) {
        if (p.as_string() != "fro")
            context.fail("The norm `" + p.as_string() + "` is not part of the loss language.", "Give a number: x.norm(2, dim=-1).");
        p = Value(2);
    }
    if (p.is_none()) p = Value(2);
    if (args[2].is_none()) return op(context, "norm", {args[0], p});
    Value dims = args[2].is(ValueKind::Int) ? context.tuple({args[2]}) : args[2];
    return op(context, "norm", {args[0], p, dims, args[3]});
}

Value linalg_norm(Context& context, const NativeFunction&, Bound args) {
    const Value order = args[1].is_none() ? Value(2) : args[1];
    Value dims = args[2].is(ValueKind::Int) ? context.tuple({args[2]}) : args[2];
    return op(context, "linalg_vector_norm", {args[0], order, dims, args[3]});
}

Value nonzero(Context& context, const NativeFunction&, Bound args) {
    return op(context, context.truth(args[1]) ? "nonzero_numpy" : "nonzero", {args[0]});
}

Value unique(Context& context, const NativeFunction&, Bound args) {
    const bool inverse = context.truth(args[2]);
    const bool counts = context.truth(args[3]);
    const Value all = args[4].is_none() ? op(context, "_unique2", {args[0], args[1], args[2], args[3]})
                                        : op(context, "unique_dim", {args[0], args[4], args[1], args[2], args[3]});
    if (!inverse && !counts) return all.items()[0];
    std::vector<Value> parts = {all.items()[0]};
    if (inverse) parts.push_back(all.items()[1]);
    if (counts) parts.push_back(all.items()[2]);
    return context.tuple(std::move(parts));
}

Value tensordot(Context& context, const NativeFunction&, Bound args) {
    Value first;
    Value second;
    if (args[2].is(ValueKind::Int)) {
        const std::int64_t count = args[2].as_int();
        const std::int64_t dims = tensor_in(context, args[0], {}).dim();
        if (count < 0 || count > dims)
            context.fail("tensordot over " + std::to_string(count) + " dimensions of " + described(args[0]) + ".", "");
        std::vector<Value> from;
        std::vector<Value> with;
        for (std::int64_t i = 0; i < count; ++i) {
            from.emplace_back(dims - count + i);
            with.emplace_back(i);
        }
        first = context.list(std::move(from));
        second = context.list(std::move(with));
    } else {
        const std::vector<Value> both = context.iterate(args[2]);
        if (both.size() != 2) context.fail("tensordot takes dims as a number or as two lists.", "tensordot(a, b, dims=([1], [0])).");
        first = both[0];
        second = both[1];
    }
    const OperatorFamily* dot = family("tensordot", Memory::TensorDot);
    const Value given[] = {args[0], args[1], first, second};
    return dispatch(context, *dot, given, {});
}

Value result_type(Context& context, const NativeFunction&, Bound args) {
    const Value sum = binary(context, Operator::Add, args[0], args[1]);
    if (!sum.is_tensor()) return Value::dtype(static_cast<int>(sum.is(ValueKind::Float) ? at::kFloat : at::kLong));
    return attribute(context, sum, "dtype");
}

Value is_floating(Context&, const NativeFunction&, Bound args) {
    return {args[0].as_tensor().is_floating_point()};
}
Value is_contiguous(Context&, const NativeFunction&, Bound args) {
    return {args[0].as_tensor().is_contiguous()};
}

}  // namespace

void add_tensor_methods(Library& library) {
    const auto method = [&](const char* declaration, Library::Bound function) {
        library.add_method(ValueKind::Tensor, declaration, function);
    };
    method("item(self)", item);
    method("tolist(self)", tolist);
    method("size(self, dim=None)", size);
    method("dim(self)", dim);
    method("ndimension(self)", dim);
    method("numel(self)", numel);
    method("nelement(self)", numel);
    method("float(self)", cast<at::kFloat>);
    method("double(self)", cast<at::kDouble>);
    method("half(self)", cast<at::kHalf>);
    method("bfloat16(self)", cast<at::kBFloat16>);
    method("long(self)", cast<at::kLong>);
    method("int(self)", cast<at::kInt>);
    method("short(self)", cast<at::kShort>);
    method("bool(self)", cast<at::kBool>);
    method("byte(self)", cast<at::kByte>);
    method("type(self, dtype)", cast_type);
    method("type_as(self, other)", type_as);
    method("cpu(self)", to_cpu);
    method("cuda(self)", to_cuda);
    method("requires_grad_(self, requires_grad=True)", requires_grad_);
    method("norm(self, p='fro', dim=None, keepdim=False)", norm);
    method("nonzero(self, as_tuple=False)", nonzero);
    method("unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None)", unique);
    method("is_floating_point(self)", is_floating);
    method("is_contiguous(self)", is_contiguous);
    NativeFunction to;
    to.name = "Tensor.to";
    to.short_name = "to";
    to.raw = convert;
    library.add_operator_method("to", library.add_free(std::move(to)));
    library.add("torch", "numel(input)", numel);
    library.add("torch", "norm(input, p='fro', dim=None, keepdim=False)", norm);
    library.add("torch", "nonzero(input, as_tuple=False)", nonzero);
    library.add("torch", "unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None)", unique);
    library.add("torch", "tensordot(a, b, dims=2)", tensordot);
    library.add("torch", "result_type(tensor1, tensor2)", result_type);
    library.add("torch.linalg", "norm(input, ord=None, dim=None, keepdim=False)", linalg_norm);
    library.add("torch.linalg", "vector_norm(input, ord=2, dim=None, keepdim=False)", linalg_norm);
}

}  // namespace lossmith::engine::language
