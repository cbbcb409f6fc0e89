// x.name: what tensors, modules and a few other values show.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>

#include "core/data/JsonFields.h"
#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

using Instead = std::pair<std::string_view, std::string_view>;

// Members that people paste and a loss does without.
constexpr std::array<Instead, 20> kInstead = {{
    {"backward", "Return the loss; the trainer runs backward."},
    {"numpy", "Use .tolist(), or stay with tensors."},
    {"grad", "Gradients exist only after the loss has returned; the check shows them."},
    {"register_hook", "Hooks are not part of the loss language; use @gradient(backward) over a function."},
    {"apply", "Call the function itself; with @gradient(backward) over it, it has its own derivative."},
    {"apply_", "Use torch.where or arithmetic on the whole tensor."},
    {"map_", "Use arithmetic on the whole tensor."},
    {"set_", "Assign into it: x[...] = y."},
    {"resize_", "Use reshape."},
    {"as_strided", "Use reshape, transpose and slices."},
    {"storage", "Use the tensor itself."},
    {"untyped_storage", "Use the tensor itself."},
    {"data_ptr", "Use the tensor itself."},
    {"manual_seed", "The run's seed decides all random numbers."},
    {"load", "Load tensors on the Loss page and take them as arguments."},
    {"save", "A loss writes no files; print values, or return them in a dictionary."},
    {"compile", "Leave it out: a typed loss runs as it is."},
    {"jit", "Leave it out: a typed loss runs as it is."},
    {"optim", "The trainer has the optimiser; a loss returns a value."},
    {"autograd", "Write two functions and put @gradient(backward) over the forward one."},
}};

Value shape_of(Context& context, const at::Tensor& tensor) {
    std::vector<Value> sizes;
    for (const std::int64_t size : tensor.sizes()) sizes.emplace_back(size);
    return context.tuple(std::move(sizes));
}

Value computed(Context& context, std::string_view name, const Value& object, Value result) {
    context.observe(name, {&object, 1}, result);
    return result;
}

Value tensor_attribute(Context& context, const Value& object, std::string_view name) {
    const at::Tensor& tensor = object.as_tensor();
    if (name == "shape") return shape_of(context, tensor);
    if (name == "dtype") return Value::dtype(static_cast<int>(tensor.scalar_type()));
    if (name == "ndim") return {tensor.dim()};
    if (name == "requires_grad") return {tensor.requires_grad()};
    if (name == "is_leaf") return {tensor.is_leaf()};
    if (name == "is_cuda") return {tensor.is_cuda()};
    if (name == "itemsize") return {static_cast<std::int64_t>(tensor.element_size())};
    if (name == "device") {
        auto heap = std::make_shared<DeviceValue>();
        heap->type = tensor.is_cuda() ? "cuda" : "cpu";
        if (tensor.is_cuda()) heap->index = tensor.get_device();
        return {ValueKind::Device, std::move(heap)};
    }
    if (name == "T") return computed(context, name, object, Value(tensor.dim() <= 2 ? tensor.t() : tensor.numpy_T()));
    if (name == "mT" || name == "mH") return computed(context, name, object, op(context, "transpose", {object, Value(-2), Value(-1)}));
    if (name == "data") return computed(context, name, object, Value(tensor.detach()));
    return Value::unbound();
}

[[noreturn]] void no_attribute(Context& context, const Value& object, std::string_view name, const std::vector<std::string_view>& known) {
    const std::string owner = object.is(ValueKind::Namespace) ? object.plain<Namespace>().name : std::string(object.type_name());
    const std::string full = owner + "." + std::string(name);
    if (const auto found = std::ranges::find(kInstead, name, &Instead::first);
        found != kInstead.end() && (object.is_tensor() || object.is(ValueKind::Namespace)))
        context.fail(LossFault::Denied, "`" + full + "` is not part of the loss language.", std::string(found->second));
    const std::string near = nearest_name(name, known);
    context.fail(object.is(ValueKind::Namespace) ? LossFault::Denied : LossFault::Failed,
                 "`" + full + "` is not part of the loss language.",
                 near.empty() ? "See the editor's completion for what there is." : "Did you mean `" + near + "`?");
}

}  // namespace

const NativeFunction* method_of(const Value& object, std::string_view name) {
    if (object.is(ValueKind::Object)) {
        const auto& methods = object.heap<ObjectValue>().type->methods;
        const auto found = methods.find(name);
        return found == methods.end() ? nullptr : found->second;
    }
    if (object.is(ValueKind::Namespace)) return nullptr;
    return Library::instance().method(object.kind(), name);
}

Value attribute(Context& context, const Value& object, std::string_view name) {
    std::vector<std::string_view> known;
    switch (object.kind()) {
        case ValueKind::Namespace: {
            const auto& space = object.plain<Namespace>();
            const auto found = space.members.find(name);
            if (found != space.members.end()) return found->second;
            for (const auto& [member, value] : space.members) known.push_back(member);
            no_attribute(context, object, name, known);
        }
        case ValueKind::Tensor:
            if (Value value = tensor_attribute(context, object, name); !value.is(ValueKind::Unbound)) return value;
            known = {"shape", "dtype", "device", "ndim", "requires_grad", "T", "mT", "data"};
            break;
        case ValueKind::Tuple:
            if (const auto* fields = object.heap<TupleValue>().fields)
                for (std::size_t i = 0; i < fields->size(); ++i)
                    if ((*fields)[i] == name) return object.items()[i];
            break;
        case ValueKind::Device:
            if (name == "type") return {object.heap<DeviceValue>().type};
            if (name == "index") return object.heap<DeviceValue>().index < 0 ? Value() : Value(object.heap<DeviceValue>().index);
            break;
        case ValueKind::Dtype:
            if (name == "is_floating_point") return {c10::isFloatingType(static_cast<at::ScalarType>(object.as_dtype()))};
            break;
        case ValueKind::Object:
            if (const auto* type = object.heap<ObjectValue>().type; type->attribute != nullptr)
                if (Value value = type->attribute(context, object, name); !value.is(ValueKind::Unbound)) return value;
            break;
        default: break;
    }
    if (const NativeFunction* method = method_of(object, name)) {
        auto heap = std::make_shared<BoundMethod>();
        heap->self = object;
        heap->function = Value::native(method);
        return {ValueKind::Bound, std::move(heap)};
    }
    for (const auto& [method, function] : Library::instance().methods(object.kind())) known.push_back(method);
    no_attribute(context, object, name, known);
}

}  // namespace lossmith::engine::language
