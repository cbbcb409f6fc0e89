#include "core/engine/loss/language/Operators.h"

#include <ATen/ScalarOps.h>
#include <ATen/core/List.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

#include "core/data/JsonFields.h"
#include "core/engine/loss/language/OperatorFamily.h"

namespace lossmith::engine::language {
namespace {

// The binary operators whose Python bindings take a number where the schema asks for a tensor.
constexpr std::array<std::string_view, 14> kNumbersAsTensors = {"add",         "sub",      "mul",      "div",          "divide",
                                                                "true_divide", "multiply", "subtract", "floor_divide", "remainder",
                                                                "fmod",        "add_",     "mul_",     "sub_"};
constexpr std::array<std::string_view, 6> kTensorsInARow = {"einsum",     "broadcast_tensors", "meshgrid",
                                                            "block_diag", "cartesian_prod",    "atleast_1d"};

ArgumentKind kind_of_type(const c10::Type& type, const std::string& name, bool& optional) {
    switch (type.kind()) {
        case c10::TypeKind::OptionalType: {
            optional = true;
            bool inner_optional = false;
            return kind_of_type(*type.castRaw<c10::OptionalType>()->getElementType(), name, inner_optional);
        }
        case c10::TypeKind::TensorType: return ArgumentKind::Tensor;
        case c10::TypeKind::NumberType: return ArgumentKind::Scalar;
        case c10::TypeKind::IntType:
        case c10::TypeKind::SymIntType:
            if (name == "dtype") return ArgumentKind::Dtype;
            if (name == "layout" || name == "memory_format") return ArgumentKind::Absent;
            return ArgumentKind::Int;
        case c10::TypeKind::FloatType: return ArgumentKind::Float;
        case c10::TypeKind::BoolType: return ArgumentKind::Bool;
        case c10::TypeKind::StringType: return ArgumentKind::String;
        case c10::TypeKind::DeviceObjType: return ArgumentKind::Device;
        case c10::TypeKind::ListType: {
            bool inner_optional = false;
            switch (kind_of_type(*type.castRaw<c10::ListType>()->getElementType(), {}, inner_optional)) {
                case ArgumentKind::Int: return ArgumentKind::Ints;
                case ArgumentKind::Float: return ArgumentKind::Floats;
                case ArgumentKind::Bool: return ArgumentKind::Bools;
                case ArgumentKind::Tensor: return inner_optional ? ArgumentKind::OptionalTensors : ArgumentKind::Tensors;
                default: return ArgumentKind::Absent;
            }
        }
        default: return ArgumentKind::Absent;
    }
}

Overload overload_from(const c10::OperatorHandle& handle) {
    Overload overload{handle, {}, {}, 0};
    for (const auto& argument : handle.schema().arguments()) {
        OverloadArgument read;
        read.name = argument.name();
        read.kind = kind_of_type(*argument.type(), read.name, read.optional);
        read.keyword_only = argument.kwarg_only();
        if (argument.N()) read.count = static_cast<int>(*argument.N());
        if (argument.default_value()) {
            read.has_default = true;
            read.default_value = *argument.default_value();
        }
        if (!read.keyword_only) ++overload.positional;
        overload.arguments.push_back(std::move(read));
    }
    if (handle.schema().returns().size() > 1)
        for (const auto& result : handle.schema().returns()) overload.fields.push_back(result.name());
    return overload;
}

using FamilyTable = std::unordered_map<std::string, OperatorFamily>;

// Every ATen operator by name; families are read from it as the library is made.
const std::unordered_map<std::string, std::vector<c10::OperatorHandle>>& handles() {
    static const auto table = [] {
        std::unordered_map<std::string, std::vector<c10::OperatorHandle>> found;
        auto& dispatcher = c10::Dispatcher::singleton();
        for (const auto& name : dispatcher.getAllOpNames()) {
            if (name.name.rfind("aten::", 0) != 0) continue;
            const std::string& overload = name.overload_name;
            if (overload == "out" || overload.ends_with("_out") || overload.starts_with("out_")) continue;
            if (overload.find("imname") != std::string::npos || overload.find("names") != std::string::npos ||
                overload.find("complex") != std::string::npos || overload.find("generator") != std::string::npos ||
                overload.find("Generator") != std::string::npos)
                continue;
            // TorchScript's operators on plain numbers and lists carry the same names
            auto handle = dispatcher.findSchema(name);
            if (!handle) continue;
            found[name.name.substr(6)].push_back(*handle);
        }
        return found;
    }();
    return table;
}

bool touches_tensors(const Overload& overload) {
    const auto& returns = overload.handle.schema().returns();
    const bool makes = std::ranges::any_of(returns, [](const auto& result) {
        bool optional = false;
        const auto kind = kind_of_type(*result.type(), {}, optional);
        return kind == ArgumentKind::Tensor || kind == ArgumentKind::Tensors;
    });
    const bool takes = std::ranges::any_of(overload.arguments, [](const auto& argument) {
        return argument.kind == ArgumentKind::Tensor || argument.kind == ArgumentKind::Tensors;
    });
    return makes || takes;
}

bool number_value(Context& context, const Value& value, c10::IValue& out) {
    switch (value.kind()) {
        case ValueKind::Bool: out = value.as_bool(); return true;
        case ValueKind::Int: out = value.as_int(); return true;
        case ValueKind::Float: out = value.as_float(); return true;
        case ValueKind::Tensor:
            if (value.as_tensor().dim() != 0 || value.as_tensor().requires_grad()) return false;
            return number_value(context, item_of(context, value, "item"), out);
        default: return false;
    }
}

bool int_value(Context& context, const Value& value, std::int64_t& out) {
    if (value.is(ValueKind::Int)) {
        out = value.as_int();
        return true;
    }
    if (value.is_tensor() && value.as_tensor().dim() == 0 && c10::isIntegralType(value.as_tensor().scalar_type(), false)) {
        out = item_of(context, value, "item").as_int();
        return true;
    }
    return false;
}

c10::Device device_from(Context& context, const Value& value) {
    if (value.is(ValueKind::Device)) {
        const auto& device = value.heap<DeviceValue>();
        return c10::Device(device.type + (device.index >= 0 ? ":" + std::to_string(device.index) : ""));
    }
    try {
        return c10::Device(value.as_string());
    } catch (const c10::Error&) {
        context.fail("`" + value.as_string() + "` is no device.", "Write device=logits.device.");
    }
}

bool fits(Context& context, const OverloadArgument& argument, const Value& value, bool numbers_as_tensors, c10::IValue& out) {
    if (value.is_none()) {
        if (argument.optional) {
            out = c10::IValue();
            return true;
        }
        if (argument.kind == ArgumentKind::Absent && argument.has_default) {
            out = argument.default_value;
            return true;
        }
        return false;
    }
    switch (argument.kind) {
        case ArgumentKind::Tensor:
            if (value.is_tensor()) {
                out = value.as_tensor();
                return true;
            }
            if (numbers_as_tensors && value.is_number()) {
                c10::Scalar scalar = value.is(ValueKind::Bool)  ? c10::Scalar(value.as_bool())
                                     : value.is(ValueKind::Int) ? c10::Scalar(value.as_int())
                                                                : c10::Scalar(value.as_float());
                out = at::native::wrapped_scalar_tensor(scalar);
                return true;
            }
            return false;
        case ArgumentKind::Scalar: return number_value(context, value, out);
        case ArgumentKind::Int: {
            std::int64_t number = 0;
            if (!int_value(context, value, number)) return false;
            out = number;
            return true;
        }
        case ArgumentKind::Float:
            if (value.is_tensor() && value.as_tensor().dim() == 0 && !value.as_tensor().requires_grad()) {
                out = item_of(context, value, "item").as_float();
                return true;
            }
            if (!value.is_number()) return false;
            out = value.as_float();
            return true;
        case ArgumentKind::Bool:
            if (!value.is(ValueKind::Bool)) return false;
            out = value.as_bool();
            return true;
        case ArgumentKind::String:
            if (!value.is(ValueKind::String)) return false;
            out = value.as_string();
            return true;
        case ArgumentKind::Dtype:
            if (!value.is(ValueKind::Dtype)) return false;
            out = static_cast<std::int64_t>(value.as_dtype());
            return true;
        case ArgumentKind::Device:
            if (!value.is(ValueKind::Device) && !value.is(ValueKind::String)) return false;
            out = device_from(context, value);
            return true;
        case ArgumentKind::Ints: {
            std::int64_t number = 0;
            if (argument.count > 0 && int_value(context, value, number)) {
                out = std::vector<std::int64_t>(static_cast<std::size_t>(argument.count), number);
                return true;
            }
            if (!value.is_sequence()) return false;
            std::vector<std::int64_t> numbers;
            numbers.reserve(value.items().size());
            for (const Value& item : value.items()) {
                if (!int_value(context, item, number)) return false;
                numbers.push_back(number);
            }
            out = std::move(numbers);
            return true;
        }
        case ArgumentKind::Floats: {
            if (!value.is_sequence()) return false;
            std::vector<double> numbers;
            for (const Value& item : value.items()) {
                if (!item.is_number()) return false;
                numbers.push_back(item.as_float());
            }
            out = std::move(numbers);
            return true;
        }
        case ArgumentKind::Tensors: {
            if (!value.is_sequence()) return false;
            std::vector<at::Tensor> tensors;
            for (const Value& item : value.items()) {
                if (!item.is_tensor()) return false;
                tensors.push_back(item.as_tensor());
            }
            out = std::move(tensors);
            return true;
        }
        default: return false;
    }
}

bool is_dimension_alias(std::string_view name, std::string_view parameter) {
    return (name == "axis" && parameter == "dim") || (name == "keepdims" && parameter == "keepdim") ||
           (name == "input" && parameter == "self") || (name == "x" && parameter == "self");
}

bool given_a_tensor(Arguments given) {
    return !given.empty() && given.front().is_tensor();
}

// Puts the arguments on the stack as `overload` takes them; false when they do not fit.
bool match(Context& context, const OperatorFamily& family, const Overload& overload, Arguments given, Keywords keywords,
           bool numbers_as_tensors, torch::jit::Stack& stack) {
    stack.clear();
    std::size_t next = 0;
    std::size_t named = 0;
    for (std::size_t i = 0; i < overload.arguments.size(); ++i) {
        const OverloadArgument& argument = overload.arguments[i];
        c10::IValue out;
        if (!argument.keyword_only && next < given.size()) {
            // x.view(2, 3) and torch.zeros(2, 3): the sizes in a row, where they are all that goes by position
            const std::size_t self = i;
            if (argument.kind == ArgumentKind::Ints && (given[next].is(ValueKind::Int) || given[next].is_tensor()) &&
                overload.positional == self + 1 && self <= 1) {
                std::vector<std::int64_t> numbers;
                std::int64_t number = 0;
                for (; next < given.size(); ++next) {
                    if (!int_value(context, given[next], number)) return false;
                    numbers.push_back(number);
                }
                stack.emplace_back(std::move(numbers));
                continue;
            }
            if (argument.kind == ArgumentKind::Tensors && given[next].is_tensor() &&
                std::ranges::find(kTensorsInARow, std::string_view(family.name)) != kTensorsInARow.end()) {
                std::vector<at::Tensor> tensors;
                for (; next < given.size(); ++next) {
                    if (!given[next].is_tensor()) return false;
                    tensors.push_back(given[next].as_tensor());
                }
                stack.emplace_back(std::move(tensors));
                continue;
            }
            if (!fits(context, argument, given[next], numbers_as_tensors, out)) return false;
            ++next;
            stack.push_back(std::move(out));
            continue;
        }
        const Keyword* keyword = nullptr;
        for (const auto& one : keywords)
            if (one.name == argument.name || is_dimension_alias(one.name, argument.name)) keyword = &one;
        if (keyword != nullptr) {
            ++named;
            if (!fits(context, argument, keyword->value, numbers_as_tensors, out)) return false;
            stack.push_back(std::move(out));
        } else if (argument.kind == ArgumentKind::Device && argument.optional && family.memory == Memory::Factory &&
                   !given_a_tensor(given)) {
            stack.emplace_back(context.home);
        } else if (argument.has_default) {
            stack.push_back(argument.default_value);
        } else {
            return false;
        }
    }
    return next == given.size() && named == keywords.size();
}

std::string overload_shown(const OperatorFamily& family, const Overload& overload) {
    std::string text = family.name + "(";
    bool first = true;
    for (const auto& argument : overload.arguments) {
        if (argument.kind == ArgumentKind::Absent || argument.name == "pin_memory") continue;
        if (!first) text += ", ";
        first = false;
        text += argument.name == "self" ? "input" : argument.name;
        if (argument.has_default) text += "=…";
    }
    return text + ")";
}

[[noreturn]] void no_overload(Context& context, const OperatorFamily& family, Arguments given, Keywords keywords) {
    std::string message = "`" + family.name + "` does not take these arguments: (";
    bool first = true;
    for (const Value& value : given) {
        message += (first ? "" : ", ") + described(value);
        first = false;
    }
    for (const auto& keyword : keywords) {
        message += (first ? "" : ", ") + std::string(keyword.name) + "=" + described(keyword.value);
        first = false;
    }
    message += ").";
    std::vector<std::string_view> known;
    for (const auto& overload : family.overloads)
        for (const auto& argument : overload.arguments) known.push_back(argument.name);
    for (const auto& keyword : keywords) {
        if (std::ranges::any_of(known,
                                [&](std::string_view name) { return name == keyword.name || is_dimension_alias(keyword.name, name); }))
            continue;
        const std::string near = nearest_name(keyword.name, known);
        context.fail("`" + family.name + "` has no argument `" + std::string(keyword.name) + "`.",
                     near.empty() ? "Remove it." : "Did you mean `" + near + "`?");
    }
    std::string hint = "It takes ";
    for (std::size_t i = 0; i < family.overloads.size() && i < 3; ++i)
        hint += (i > 0 ? " or " : "") + overload_shown(family, family.overloads[i]);
    context.fail(std::move(message), hint + ".");
}

Value value_from(Context& context, const c10::IValue& result) {
    if (result.isTensor()) return result.toTensor().defined() ? Value(result.toTensor()) : Value();
    if (result.isInt()) return {result.toInt()};
    if (result.isDouble()) return {result.toDouble()};
    if (result.isBool()) return {result.toBool()};
    if (result.isTensorList()) {
        std::vector<Value> items;
        for (const at::Tensor& tensor : result.toTensorVector()) items.emplace_back(tensor);
        return context.tuple(std::move(items));
    }
    if (result.isIntList()) {
        std::vector<Value> items;
        for (const std::int64_t number : result.toIntVector()) items.emplace_back(number);
        return context.tuple(std::move(items));
    }
    return {};
}

// The first lines of Torch's own text, without where in its sources it was raised.
std::string torch_text(const std::exception& exception) {
    const auto* error = dynamic_cast<const c10::Error*>(&exception);
    std::string text = error != nullptr ? error->what_without_backtrace() : exception.what();
    if (const std::size_t end = text.find("\nException raised"); end != std::string::npos) text.resize(end);
    if (const std::size_t end = text.find('\n'); end != std::string::npos) text.resize(end);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
    return std::string(text.substr(0, 600));
}

[[noreturn]] void torch_failed(Context& context, const std::string& name, Arguments given, Keywords keywords,
                               const std::exception& exception) {
    std::string text = torch_text(exception);
    if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr || text.find("allocate memory") != std::string::npos ||
        text.find("out of memory") != std::string::npos || text.find("enough memory") != std::string::npos)
        context.fail(LossFault::Memory, "There is not enough memory for `" + name + "`.",
                     "Look at the shapes: a missing index or dimension often multiplies two large sizes.");
    std::string operands;
    std::size_t count = 0;
    const auto add = [&](const Value& value) {
        if (!value.is_tensor() || ++count > 6) return;
        operands += (operands.empty() ? "" : ", ") + described(value);
    };
    const auto add_all = [&](const Value& value) {
        add(value);
        if (value.is_sequence())
            for (const Value& item : value.items()) add(item);
    };
    for (const Value& value : given) add_all(value);
    for (const auto& keyword : keywords) add_all(keyword.value);
    if (!text.empty() && text.back() != '.') text += '.';
    if (!operands.empty()) text += " (`" + name + "` was given " + operands + ".)";
    std::string hint;
    if (text.find("size of tensor") != std::string::npos || text.find("shape") != std::string::npos ||
        text.find("size") != std::string::npos)
        hint = "Compare the shapes: view, unsqueeze, transpose or indexing bring them together.";
    else if (text.find("in-place") != std::string::npos || text.find("inplace") != std::string::npos)
        hint = "Work on a copy: x = x.clone() first, or use the function without the underscore.";
    else if (text.find("dtype") != std::string::npos || text.find("scalar type") != std::string::npos ||
             text.find("Long") != std::string::npos)
        hint = "Convert with .float() or .long().";
    context.fail(std::move(text), std::move(hint));
}

template <typename Work>
auto guarded(Context& context, const std::string& name, Arguments given, Keywords keywords, Work work) {
    try {
        return work();
    } catch (const Fault&) {
        throw;
    } catch (const std::exception& exception) {
        torch_failed(context, name, given, keywords, exception);
    }
}

}  // namespace

const OperatorFamily* family(std::string_view name, Memory memory) {
    static FamilyTable table;
    static std::mutex mutex;
    const std::scoped_lock lock(mutex);
    if (const auto found = table.find(std::string(name)); found != table.end()) return &found->second;
    const auto source = handles().find(std::string(name));
    if (source == handles().end()) return nullptr;
    OperatorFamily made;
    made.name = name;
    made.memory = memory;
    for (const auto& handle : source->second) {
        Overload overload = overload_from(handle);
        if (touches_tensors(overload)) made.overloads.push_back(std::move(overload));
    }
    if (made.overloads.empty()) return nullptr;
    // Python tries tensors before numbers, and what asks for less before what asks for more.
    std::ranges::stable_sort(made.overloads, {}, [](const Overload& overload) {
        const auto scalars = std::ranges::count_if(
            overload.arguments, [](const auto& argument) { return argument.kind == ArgumentKind::Scalar && !argument.has_default; });
        return static_cast<std::size_t>(scalars) * 100 + overload.arguments.size();
    });
    return &table.emplace(made.name, std::move(made)).first->second;
}

Value dispatch(Context& context, const OperatorFamily& family, Arguments given, Keywords all_keywords) {
    std::vector<Keyword> kept;
    Keywords keywords = all_keywords;
    bool requires_grad = false;
    if (family.memory == Memory::Factory || family.memory == Memory::Like) {
        kept.assign(all_keywords.begin(), all_keywords.end());
        std::erase_if(kept, [&](const Keyword& keyword) {
            if (keyword.name == "requires_grad") requires_grad = context.truth(keyword.value);
            return keyword.name == "requires_grad" || keyword.name == "pin_memory";
        });
        keywords = kept;
    }
    torch::jit::Stack stack;
    stack.reserve(10);
    const Overload* chosen = nullptr;
    const bool numbers = std::ranges::find(kNumbersAsTensors, std::string_view(family.name)) != kNumbersAsTensors.end();
    for (int pass = 0; pass < (numbers ? 2 : 1) && chosen == nullptr; ++pass)
        for (const auto& overload : family.overloads)
            if (match(context, family, overload, given, keywords, pass == 1, stack)) {
                chosen = &overload;
                break;
            }
    if (chosen == nullptr) no_overload(context, family, given, keywords);
    return guarded(context, family.name, given, keywords, [&]() -> Value {
        context.reserve_tensor(estimated_bytes(family, *chosen, stack));
        std::array<const c10::StorageImpl*, 4> inputs{};
        if (family.memory != Memory::View)
            for (std::size_t i = 0, at = 0; i < stack.size() && at < inputs.size(); ++i)
                if (stack[i].isTensor() && stack[i].toTensor().defined() && stack[i].toTensor().has_storage())
                    inputs[at++] = stack[i].toTensor().storage().unsafeGetStorageImpl();
        chosen->handle.callBoxed(&stack);
        const auto watch = [&](const c10::IValue& result) {
            if (!result.isTensor() || family.memory == Memory::View) return;
            const at::Tensor& tensor = result.toTensor();
            if (!tensor.defined() || !tensor.has_storage()) return;
            if (std::ranges::find(inputs, tensor.storage().unsafeGetStorageImpl()) == inputs.end()) context.track(tensor);
        };
        if (stack.empty()) return {};
        for (const auto& result : stack) watch(result);
        if (requires_grad && stack[0].isTensor()) stack[0].toTensor().requires_grad_(true);
        if (stack.size() == 1) return value_from(context, stack[0]);
        std::vector<Value> results;
        for (const auto& result : stack) results.push_back(value_from(context, result));
        return context.tuple(std::move(results), &chosen->fields);
    });
}

Value op(Context& context, std::string_view name, std::initializer_list<Value> arguments, std::initializer_list<Keyword> keywords) {
    const OperatorFamily* found = family(name);
    if (found == nullptr)
        context.fail(LossFault::Denied, "`" + std::string(name) + "` is not in this LibTorch.", "Write it with simpler functions.");
    return dispatch(context, *found, {arguments.begin(), arguments.size()}, {keywords.begin(), keywords.size()});
}

Value item_of(Context& context, const Value& tensor, std::string_view name) {
    const at::Tensor& from = tensor.as_tensor();
    if (from.numel() != 1)
        context.fail(
            "a Tensor with " + std::to_string(from.numel()) + " elements cannot be converted to Scalar: it is " + described(tensor) + ".",
            "Reduce it to one number first: .mean() or .sum().");
    return guarded(context, "item", {&tensor, 1}, {}, [&] {
        const c10::Scalar scalar = from.item();
        Value result = scalar.isBoolean()         ? Value(scalar.toBool())
                       : scalar.isFloatingPoint() ? Value(scalar.toDouble())
                                                  : Value(scalar.toLong());
        context.observe(name, {&tensor, 1}, result);
        return result;
    });
}

std::int64_t whole(Context& context, const Value& value, std::string_view what) {
    std::int64_t number = 0;
    if (value.is(ValueKind::Bool)) return value.as_int();
    if (!int_value(context, value, number))
        context.fail(std::string(what) + " must be a whole number, but it is " + described(value) + ".", "Convert it with int().");
    return number;
}

double real(Context& context, const Value& value, std::string_view what) {
    if (value.is_tensor()) return item_of(context, value, "float").as_float();
    if (!value.is_number()) context.fail(std::string(what) + " must be a number, but it is " + described(value) + ".", "");
    return value.as_float();
}

}  // namespace lossmith::engine::language
