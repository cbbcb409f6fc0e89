// torch.tensor and its kin, dtypes, devices, finfo.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <limits>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/OperatorFamily.h"

namespace lossmith::engine::language {

Value tensor_from_values(Context& context, const Value& data, const Value& dtype, const Value& device);

namespace {

using Bound = std::span<Value>;

// The shape and the numbers of nested lists, in order.
struct Numbers {
    std::vector<std::int64_t> shape;
    std::vector<Value> flat;
    bool tensors = false;
};

void gather_numbers(Context& context, const Value& data, std::size_t depth, bool first, Numbers& numbers) {
    context.step();
    if (data.is_number()) {
        if (depth != numbers.shape.size())
            context.fail("expected sequence of equal length: the lists are not nested evenly.", "Give every row as many items.");
        numbers.flat.push_back(data);
        return;
    }
    if (data.is_tensor()) {
        if (data.as_tensor().numel() != 1)
            context.fail("only one element tensors can be converted to Python scalars: this list holds " + described(data) + ".",
                         "Use torch.stack(list) for a list of tensors.");
        gather_numbers(context, item_of(context, data, "item"), depth, first, numbers);
        return;
    }
    if (!data.is_sequence() && !data.is(ValueKind::Range))
        context.fail("A tensor is made of numbers, and here is " + described(data) + ".", "Use numbers and lists of numbers.");
    if (depth > 20) context.fail("These lists are nested too deeply for a tensor.", "");
    const std::vector<Value> items = context.iterate(data);
    const auto size = static_cast<std::int64_t>(items.size());
    if (first)
        numbers.shape.push_back(size);
    else if (depth >= numbers.shape.size() || numbers.shape[depth] != size)
        context.fail("expected sequence of length " + std::to_string(depth < numbers.shape.size() ? numbers.shape[depth] : 0) + " at dim " +
                         std::to_string(depth) + " (got " + std::to_string(size) + ").",
                     "Give every row as many items.");
    for (std::size_t i = 0; i < items.size(); ++i) gather_numbers(context, items[i], depth + 1, first && i == 0, numbers);
}

at::ScalarType inferred(const Numbers& numbers) {
    bool any_float = numbers.flat.empty();
    bool any_int = false;
    for (const Value& value : numbers.flat) {
        any_float = any_float || value.is(ValueKind::Float);
        any_int = any_int || value.is(ValueKind::Int);
    }
    return any_float ? at::kFloat : any_int ? at::kLong : at::kBool;
}

template <typename Number>
at::Tensor filled(const Numbers& numbers, at::ScalarType type) {
    at::Tensor tensor = at::empty(numbers.shape, at::TensorOptions(type));
    auto* out = tensor.data_ptr<Number>();
    for (const Value& value : numbers.flat) {
        if constexpr (std::is_same_v<Number, double>)
            *out++ = value.as_float();
        else if constexpr (std::is_same_v<Number, bool>)
            *out++ = value.as_float() != 0;
        else
            *out++ = value.is(ValueKind::Float) ? static_cast<Number>(value.as_float()) : static_cast<Number>(value.as_int());
    }
    return tensor;
}

Value moved(Context& context, Value tensor, const Value& dtype, const Value& device) {
    if (!dtype.is_none()) {
        if (!dtype.is(ValueKind::Dtype))
            context.fail("dtype must be a torch.dtype, not " + described(dtype) + ".", "Write dtype=torch.float32.");
        if (static_cast<int>(tensor.as_tensor().scalar_type()) != dtype.as_dtype()) tensor = op(context, "to", {tensor, dtype});
    }
    if (!device.is_none()) tensor = op(context, "to", {tensor}, {{"device", device}});
    return tensor;
}

Value make_tensor(Context& context, const NativeFunction&, Bound args) {
    Value made = args[0].is_tensor() ? moved(context, Value(args[0].as_tensor().detach().clone()), args[1], args[2])
                                     : tensor_from_values(context, args[0], args[1], args[2]);
    if (context.truth(args[3])) {
        if (!made.as_tensor().is_floating_point())
            context.fail("Only Tensors of floating point and complex dtype can require gradients.",
                         "Write 1.0 instead of 1, or dtype=torch.float32.");
        made.as_tensor().requires_grad_(true);
    }
    context.track(made.as_tensor());
    return made;
}

Value as_tensor(Context& context, const NativeFunction&, Bound args) {
    return args[0].is_tensor() ? moved(context, args[0], args[1], args[2]) : tensor_from_values(context, args[0], args[1], args[2]);
}

Value new_tensor(Context& context, const NativeFunction&, Bound args) {
    const at::Tensor& like = args[0].as_tensor();
    const Value dtype = args[2].is_none() ? Value::dtype(static_cast<int>(like.scalar_type())) : args[2];
    return tensor_from_values(context, args[1], dtype, args[3].is_none() ? attribute(context, args[0], "device") : args[3]);
}

// Memory that nobody has written would show what it held before, so `empty` gives zeros.
template <bool like>
Value make_empty(Context& context, const NativeFunction&, Arguments given, Keywords keywords) {
    return dispatch(context, *family(like ? "zeros_like" : "zeros", like ? Memory::Like : Memory::Factory), given, keywords);
}

Value new_empty(Context& context, const NativeFunction&, Arguments given, Keywords keywords) {
    return dispatch(context, *family("new_zeros", Memory::Factory), given, keywords);
}

const ObjectType* g_limits_type = nullptr;

Value limits(Context& context, const NativeFunction&, Bound args) {
    if (!args[0].is(ValueKind::Dtype))
        context.fail("finfo takes a dtype, not " + described(args[0]) + ".", "Write torch.finfo(logits.dtype).");
    auto heap = std::make_shared<ObjectValue>();
    heap->type = g_limits_type;
    heap->values = {args[0]};
    return {ValueKind::Object, std::move(heap)};
}

template <typename Number>
Value limit_of(std::string_view name) {
    using Limits = std::numeric_limits<Number>;
    if constexpr (std::is_integral_v<Number>) {
        if (name == "max") return {static_cast<std::int64_t>(Limits::max())};
        if (name == "min") return {static_cast<std::int64_t>(Limits::min())};
    } else {
        if (name == "max") return {static_cast<double>(Limits::max())};
        if (name == "min") return {static_cast<double>(Limits::lowest())};
        if (name == "eps") return {static_cast<double>(Limits::epsilon())};
        if (name == "tiny" || name == "smallest_normal") return {static_cast<double>(Limits::min())};
    }
    if (name == "bits") return {static_cast<std::int64_t>(sizeof(Number) * 8)};
    return Value::unbound();
}

Value limits_attribute(Context&, const Value& self, std::string_view name) {
    const Value& type = self.heap<ObjectValue>().values[0];
    if (name == "dtype") return type;
    switch (static_cast<at::ScalarType>(type.as_dtype())) {
        case at::kFloat: return limit_of<float>(name);
        case at::kDouble: return limit_of<double>(name);
        case at::kHalf: return limit_of<c10::Half>(name);
        case at::kBFloat16: return limit_of<c10::BFloat16>(name);
        case at::kLong: return limit_of<std::int64_t>(name);
        case at::kInt: return limit_of<std::int32_t>(name);
        case at::kShort: return limit_of<std::int16_t>(name);
        case at::kChar: return limit_of<std::int8_t>(name);
        case at::kByte: return limit_of<std::uint8_t>(name);
        default: return Value::unbound();
    }
}

Value device(Context& context, const NativeFunction&, Bound args) {
    if (args[0].is(ValueKind::Device)) return args[0];
    if (!args[0].is(ValueKind::String)) context.fail("A device is named by text, such as \"cpu\".", "Write logits.device.");
    const std::string& text = args[0].as_string();
    auto heap = std::make_shared<DeviceValue>();
    heap->type = text.substr(0, text.find(':'));
    if (heap->type != "cpu" && heap->type != "cuda") context.fail("`" + text.substr(0, 40) + "` is no device.", "Write logits.device.");
    if (const std::size_t colon = text.find(':');
        colon != std::string::npos && text.size() == colon + 2 && text[colon + 1] >= '0' && text[colon + 1] <= '9')
        heap->index = text[colon + 1] - '0';
    if (!args[1].is_none()) heap->index = static_cast<int>(whole(context, args[1], "The device's number"));
    return {ValueKind::Device, std::move(heap)};
}

Value is_tensor(Context&, const NativeFunction&, Bound args) {
    return {args[0].is_tensor()};
}
Value is_floating_point(Context& context, const NativeFunction&, Bound args) {
    if (!args[0].is_tensor()) context.fail("is_floating_point takes a tensor, not " + described(args[0]) + ".", "");
    return {args[0].as_tensor().is_floating_point()};
}
Value is_grad_enabled(Context&, const NativeFunction&, Bound) {
    return {c10::GradMode::is_enabled()};
}

}  // namespace

Value tensor_from_values(Context& context, const Value& data, const Value& dtype, const Value& device_value) {
    if (data.is_tensor()) return moved(context, data, dtype, device_value);
    // A list of tensors of one number each keeps their type, as PyTorch does; their gradient is lost, as there.
    Numbers numbers;
    gather_numbers(context, data, 0, true, numbers);
    at::ScalarType type = inferred(numbers);
    if (dtype.is(ValueKind::Dtype)) type = static_cast<at::ScalarType>(dtype.as_dtype());
    context.reserve_tensor(static_cast<double>(numbers.flat.size()) * 8);
    at::Tensor made;
    if (type == at::kBool)
        made = filled<bool>(numbers, at::kBool);
    else if (c10::isIntegralType(type, false))
        made = filled<std::int64_t>(numbers, at::kLong);
    else
        made = filled<double>(numbers, at::kDouble);
    if (made.scalar_type() != type) made = made.to(type);
    if (device_value.is_none()) made = made.to(context.home);
    return moved(context, Value(made), {}, device_value);
}

void add_factories(Library& library) {
    library.add("torch", "tensor(data, dtype=None, device=None, requires_grad=False, pin_memory=False)", make_tensor);
    library.add("torch", "as_tensor(data, dtype=None, device=None)", as_tensor);
    library.add("torch", "scalar_tensor(data, dtype=None, device=None)", as_tensor);
    library.add("torch", "LongTensor(data)", [](Context& context, const NativeFunction&, Bound args) {
        return tensor_from_values(context, args[0], Value::dtype(static_cast<int>(at::kLong)), {});
    });
    library.add("torch", "FloatTensor(data)", [](Context& context, const NativeFunction&, Bound args) {
        return tensor_from_values(context, args[0], Value::dtype(static_cast<int>(at::kFloat)), {});
    });
    library.add_method(ValueKind::Tensor, "new_tensor(self, data, dtype=None, device=None)", new_tensor);
    const auto raw = [&](const char* space, const char* name, auto function) {
        NativeFunction made;
        made.short_name = name;
        made.name = std::string(space) + "." + name;
        made.raw = function;
        return library.add_free(std::move(made));
    };
    library.add_constant("torch", "empty", Value::native(raw("torch", "empty", make_empty<false>)));
    library.add_constant("torch", "empty_like", Value::native(raw("torch", "empty_like", make_empty<true>)));
    library.add_operator_method("new_empty", raw("Tensor", "new_empty", new_empty));
    library.add("torch", "finfo(type)", limits);
    library.add("torch", "iinfo(type)", limits);
    library.object_types.push_back({"torch.finfo", {}, limits_attribute, nullptr});
    g_limits_type = &library.object_types.back();
    library.add("torch", "device(type, index=None)", device);
    library.add("torch", "is_tensor(obj)", is_tensor);
    library.add("torch", "is_floating_point(input)", is_floating_point);
    library.add("torch", "is_grad_enabled()", is_grad_enabled);
    using Named = std::pair<const char*, at::ScalarType>;
    for (const auto& [name, type] :
         {Named{"float32", at::kFloat}, Named{"float", at::kFloat}, Named{"float64", at::kDouble}, Named{"double", at::kDouble},
          Named{"float16", at::kHalf}, Named{"half", at::kHalf}, Named{"bfloat16", at::kBFloat16}, Named{"int64", at::kLong},
          Named{"long", at::kLong}, Named{"int32", at::kInt}, Named{"int", at::kInt}, Named{"int16", at::kShort},
          Named{"short", at::kShort}, Named{"int8", at::kChar}, Named{"uint8", at::kByte}, Named{"bool", at::kBool}})
        library.add_constant("torch", name, Value::dtype(static_cast<int>(type)));
}

}  // namespace lossmith::engine::language
