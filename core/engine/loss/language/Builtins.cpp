// Python's own functions: len, range, sum, sorted, print ….
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/engine/loss/language/Evaluation.h"
#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::string_view(" \t\n\r").find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && std::string_view(" \t\n\r").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    return text;
}

Value length(Context& context, const NativeFunction&, Bound args) {
    const Value& of = args[0];
    switch (of.kind()) {
        case ValueKind::String:
            context.step(static_cast<std::int64_t>(of.as_string().size() / 4096));
            return {static_cast<std::int64_t>(
                std::ranges::count_if(of.as_string(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }))};
        case ValueKind::List:
        case ValueKind::Tuple: return {of.items().size()};
        case ValueKind::Dict:
        case ValueKind::Set: return {of.pairs().size()};
        case ValueKind::Range: return {of.heap<RangeValue>().size()};
        case ValueKind::Tensor:
            if (of.as_tensor().dim() == 0) context.fail("len() of a 0-d tensor: a single number has no length.", "Use the number itself.");
            return {of.as_tensor().size(0)};
        default: context.fail("object of type '" + std::string(of.type_name()) + "' has no len().", "");
    }
}

Value range(Context& context, const NativeFunction&, Bound args) {
    const auto& given = args[0].items();
    if (given.empty() || given.size() > 3)
        context.fail("range takes one to three numbers.", "range(stop), range(start, stop) or range(start, stop, step).");
    auto heap = std::make_shared<RangeValue>();
    const auto number = [&](std::size_t i) { return whole(context, given[i], "An argument of range"); };
    heap->stop = number(given.size() == 1 ? 0 : 1);
    if (given.size() > 1) heap->start = number(0);
    if (given.size() > 2) heap->step = number(2);
    if (heap->step == 0) context.fail("range() arg 3 must not be zero.", "Give a step of 1 or -1.");
    return {ValueKind::Range, std::move(heap)};
}

Value absolute(Context& context, const NativeFunction&, Bound args) {
    if (args[0].is_tensor()) return op(context, "abs", {args[0]});
    if (args[0].is(ValueKind::Float)) return {std::fabs(args[0].as_float())};
    if (!args[0].is_integral()) context.fail("bad operand type for abs(): '" + std::string(args[0].type_name()) + "'.", "");
    return args[0].as_int() < 0 ? binary_number(context, Operator::Subtract, Value(0), args[0]) : Value(args[0].as_int());
}

Value extreme(Context& context, Bound args, Operator better, const char* name) {
    std::vector<Value> items = args[0].items();
    if (items.size() == 1) {
        const Value only = items[0];
        items = context.iterate(only);
    }
    if (items.empty()) {
        if (!args[2].is_none()) return args[2];
        context.fail(std::string(name) + "() arg is an empty sequence.", "Give default=0.");
    }
    Value best = items[0];
    Value best_key = args[1].is_none() ? best : context.call(args[1], {&best, 1}, {});
    for (std::size_t i = 1; i < items.size(); ++i) {
        const Value key = args[1].is_none() ? items[i] : context.call(args[1], {&items[i], 1}, {});
        if (context.truth(compare(context, better, key, best_key))) {
            best = items[i];
            best_key = key;
        }
    }
    return best;
}

Value largest_of(Context& context, const NativeFunction&, Bound args) {
    return extreme(context, args, Operator::Greater, "max");
}
Value smallest_of(Context& context, const NativeFunction&, Bound args) {
    return extreme(context, args, Operator::Less, "min");
}

Value sum(Context& context, const NativeFunction&, Bound args) {
    Value total = args[1];
    if (total.is(ValueKind::String)) context.fail("sum() can't sum strings.", "Use \"\".join(strings).");
    for (const Value& item : context.iterate(args[0])) total = binary(context, Operator::Add, total, item);
    return total;
}

Value to_float(Context& context, const NativeFunction&, Bound args) {
    const Value& from = args[0];
    if (from.is_tensor()) return {item_of(context, from, "item").as_float()};
    if (from.is_number()) return {from.as_float()};
    if (!from.is(ValueKind::String))
        context.fail("float() argument must be a string or a real number, not '" + std::string(from.type_name()) + "'.", "");
    std::string text;
    for (const char c : trimmed(from.as_string())) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    std::erase(text, '_');
    if (!text.empty() && text.front() == '+') text.erase(0, 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
        context.fail("could not convert string to float: " + repr(Value(from.as_string().substr(0, 60))) + ".",
                     "Check with re.fullmatch(r\"-?\\d+(\\.\\d+)?\", text) first.");
    if (error == std::errc::result_out_of_range)
        value = text.find("e-") != std::string::npos ? 0.0 : std::copysign(HUGE_VAL, text.front() == '-' ? -1.0 : 1.0);
    return {value};
}

Value to_int(Context& context, const NativeFunction&, Bound args) {
    Value from = args[0];
    if (from.is_tensor()) from = item_of(context, from, "item");
    if (from.is_integral()) return {from.as_int()};
    if (from.is(ValueKind::Float)) {
        const double value = std::trunc(from.as_float());
        if (!(std::fabs(value) < 9.2e18))
            context.fail("cannot convert float " + repr(from) + " to integer.", "Check it with math.isfinite first.");
        return {static_cast<std::int64_t>(value)};
    }
    if (!from.is(ValueKind::String))
        context.fail("int() argument must be a string or a real number, not '" + std::string(from.type_name()) + "'.", "");
    std::string text(trimmed(from.as_string()));
    std::erase(text, '_');
    if (!text.empty() && text.front() == '+') text.erase(0, 1);
    std::int64_t value = 0;
    const auto base = whole(context, args[1], "The base");
    if (base < 2 || base > 36) context.fail("int() base must be >= 2 and <= 36.", "");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(base));
    if (error == std::errc::result_out_of_range) context.fail("This whole number does not fit 64 bits.", "Read it with float().");
    if (text.empty() || end != text.data() + text.size() || error != std::errc())
        context.fail(
            "invalid literal for int() with base " + std::to_string(base) + ": " + repr(Value(from.as_string().substr(0, 60))) + ".",
            "Check with text.isdigit() first.");
    return {value};
}

Value to_bool(Context& context, const NativeFunction&, Bound args) {
    return {context.truth(args[0])};
}
Value to_text(Context& context, const NativeFunction&, Bound args) {
    return context.text(str(args[0]));
}
Value to_repr(Context& context, const NativeFunction&, Bound args) {
    return context.text(repr(args[0]));
}

Value to_list(Context& context, const NativeFunction&, Bound args) {
    return context.list(args[0].is_none() ? std::vector<Value>{} : context.iterate(args[0]));
}
Value to_tuple(Context& context, const NativeFunction&, Bound args) {
    return context.tuple(args[0].is_none() ? std::vector<Value>{} : context.iterate(args[0]));
}

Value to_set(Context& context, const NativeFunction&, Bound args) {
    Value made = context.dict(ValueKind::Set);
    if (!args[0].is_none())
        for (const Value& item : context.iterate(args[0])) {
            if (!DictValue::can_be_key(item))
                context.fail("unhashable type: '" + std::string(item.type_name()) + "' cannot be in a set.",
                             item.is_tensor() ? "Use x.tolist() first." : "");
            made.heap<DictValue>().set(item, {});
        }
    context.recharge(made);
    return made;
}

Value to_dict(Context& context, const NativeFunction&, Arguments given, Keywords keywords) {
    Value made = context.dict();
    auto& dict = made.heap<DictValue>();
    if (given.size() > 1) context.fail("dict takes at most one argument by position.", "");
    if (!given.empty() && given[0].is(ValueKind::Dict)) {
        for (const auto& [key, value] : given[0].pairs()) dict.set(key, value);
    } else if (!given.empty()) {
        for (const Value& pair : context.iterate(given[0])) {
            const std::vector<Value> parts = context.iterate(pair);
            if (parts.size() != 2 || !DictValue::can_be_key(parts[0]))
                context.fail("dict takes pairs of key and value.", "Use zip(keys, values).");
            dict.set(parts[0], parts[1]);
        }
    }
    for (const auto& keyword : keywords) dict.set(Value(keyword.name), keyword.value);
    context.recharge(made);
    return made;
}

Value zip(Context& context, const NativeFunction&, Bound args) {
    std::vector<std::vector<Value>> columns;
    std::size_t shortest = SIZE_MAX;
    std::size_t longest = 0;
    std::vector<Value> endless;
    for (const Value& source : args[0].items()) {
        columns.push_back(context.iterate(source));
        shortest = std::min(shortest, columns.back().size());
        longest = std::max(longest, columns.back().size());
    }
    if (columns.empty()) shortest = 0;
    if (context.truth(args[1]) && shortest != longest)
        context.fail("zip() arguments have different lengths: " + std::to_string(shortest) + " and " + std::to_string(longest) + ".", "");
    context.reserve_items(static_cast<std::int64_t>(shortest) * (static_cast<std::int64_t>(columns.size()) + 4));
    std::vector<Value> rows;
    for (std::size_t i = 0; i < shortest; ++i) {
        context.step();
        std::vector<Value> row;
        for (const auto& column : columns) row.push_back(column[i]);
        rows.push_back(context.tuple(std::move(row)));
    }
    return context.list(std::move(rows));
}

Value enumerate(Context& context, const NativeFunction&, Bound args) {
    std::int64_t number = whole(context, args[1], "The start of enumerate");
    const std::vector<Value> items = context.iterate(args[0]);
    context.reserve_items(static_cast<std::int64_t>(items.size()) * 6);
    std::vector<Value> rows;
    for (const Value& item : items) {
        context.step();
        rows.push_back(context.tuple({Value(number++), item}));
    }
    return context.list(std::move(rows));
}

Value reversed(Context& context, const NativeFunction&, Bound args) {
    std::vector<Value> items = context.iterate(args[0]);
    std::ranges::reverse(items);
    return context.list(std::move(items));
}

Value sorted(Context& context, const NativeFunction&, Bound args) {
    std::vector<std::pair<Value, Value>> keyed;
    for (Value& item : context.iterate(args[0])) {
        Value key = args[1].is_none() ? item : context.call(args[1], {&item, 1}, {});
        keyed.emplace_back(std::move(key), std::move(item));
    }
    const bool reverse = context.truth(args[2]);
    // Merged by hand, since a comparison may fail or contradict itself
    std::vector<std::pair<Value, Value>> other(keyed.size());
    for (std::size_t width = 1; width < keyed.size(); width *= 2) {
        for (std::size_t begin = 0; begin < keyed.size(); begin += 2 * width) {
            const std::size_t middle = std::min(begin + width, keyed.size());
            const std::size_t end = std::min(begin + 2 * width, keyed.size());
            std::size_t a = begin;
            std::size_t b = middle;
            for (std::size_t at = begin; at < end; ++at) {
                bool second = a >= middle;
                if (!second && b < end)
                    second = reverse ? context.truth(compare(context, Operator::Less, keyed[a].first, keyed[b].first))
                                     : context.truth(compare(context, Operator::Less, keyed[b].first, keyed[a].first));
                other[at] = keyed[second ? b++ : a++];
            }
        }
        keyed.swap(other);
    }
    std::vector<Value> items;
    for (auto& [key, item] : keyed) items.push_back(std::move(item));
    return context.list(std::move(items));
}

Value any(Context& context, const NativeFunction&, Bound args) {
    for (const Value& item : context.iterate(args[0])) {
        context.step();
        if (context.truth(item)) return {true};
    }
    return {false};
}

Value all(Context& context, const NativeFunction&, Bound args) {
    for (const Value& item : context.iterate(args[0])) {
        context.step();
        if (!context.truth(item)) return {false};
    }
    return {true};
}

bool is_instance(Context& context, const Value& value, const Value& type, int depth = 0) {
    if (type.is(ValueKind::Type))
        return std::ranges::find(type.plain<TypeValue>().kinds, value.kind()) != type.plain<TypeValue>().kinds.end();
    if (type.is(ValueKind::Tuple) && depth < 10)
        return std::ranges::any_of(type.items(), [&](const Value& one) { return is_instance(context, value, one, depth + 1); });
    if (type.is_none()) return value.is_none();
    context.fail("isinstance() takes a type or a tuple of types, and this is " + described(type) + ".",
                 "Write torch.Tensor, int, float, str, list, tuple or dict.");
}

Value isinstance(Context& context, const NativeFunction&, Bound args) {
    return {is_instance(context, args[0], args[1])};
}

Value round_number(Context& context, const NativeFunction&, Bound args) {
    if (args[0].is_tensor())
        return args[1].is_none() ? op(context, "round", {args[0]}) : op(context, "round", {args[0]}, {{"decimals", args[1]}});
    if (!args[0].is_number()) context.fail("type " + std::string(args[0].type_name()) + " doesn't define __round__ method.", "");
    const double value = args[0].as_float();
    if (args[1].is_none()) {
        if (args[0].is_integral()) return {args[0].as_int()};
        const double nearest = std::nearbyint(value);
        if (!(std::fabs(nearest) < 9.2e18))
            context.fail("cannot convert float " + repr(args[0]) + " to integer.", "Check it with math.isfinite first.");
        return {static_cast<std::int64_t>(nearest)};
    }
    const std::int64_t digits = whole(context, args[1], "The number of digits");
    if (args[0].is_integral() && digits >= 0) return {args[0].as_int()};
    if (!std::isfinite(value) || digits > 30) return args[0];
    if (digits < -300) return {0.0};
    if (digits < 0) {
        const double unit = std::pow(10.0, static_cast<double>(-digits));
        const double result = std::nearbyint(value / unit) * unit;
        return args[0].is_integral() ? Value(static_cast<std::int64_t>(result)) : Value(result);
    }
    char buffer[512];
    std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(digits), value);
    double result = 0;
    std::from_chars(buffer, buffer + std::char_traits<char>::length(buffer), result);
    return {result};
}

Value print(Context& context, const NativeFunction&, Bound args) {
    const std::string separator = args[1].is(ValueKind::String) ? args[1].as_string() : " ";
    std::string text;
    for (std::size_t i = 0; i < args[0].items().size(); ++i) {
        if (i > 0) text += separator;
        text += str(args[0].items()[i]);
        context.reserve_text(static_cast<std::int64_t>(text.size()));
    }
    text += args[2].is(ValueKind::String) ? args[2].as_string() : "\n";
    context.print(text);
    return {};
}

Value map(Context& context, const NativeFunction&, Bound args) {
    std::vector<Value> results;
    std::vector<std::vector<Value>> columns;
    std::size_t shortest = SIZE_MAX;
    for (const Value& source : args[1].items()) {
        columns.push_back(context.iterate(source));
        shortest = std::min(shortest, columns.back().size());
    }
    if (columns.empty()) context.fail("map() must have at least two arguments.", "map(function, items).");
    for (std::size_t i = 0; i < shortest; ++i) {
        std::vector<Value> row;
        for (const auto& column : columns) row.push_back(column[i]);
        results.push_back(context.call(args[0], row, {}));
    }
    return context.list(std::move(results));
}

Value filter(Context& context, const NativeFunction&, Bound args) {
    std::vector<Value> kept;
    for (const Value& item : context.iterate(args[1])) {
        context.step();
        if (context.truth(args[0].is_none() ? item : context.call(args[0], {&item, 1}, {}))) kept.push_back(item);
    }
    return context.list(std::move(kept));
}

Value divmod(Context& context, const NativeFunction&, Bound args) {
    return context.tuple({binary(context, Operator::FloorDivide, args[0], args[1]), binary(context, Operator::Modulo, args[0], args[1])});
}

Value power(Context& context, const NativeFunction&, Bound args) {
    return binary(context, Operator::Power, args[0], args[1]);
}

Value object_of(const ObjectType& type, std::vector<Value> values) {
    auto heap = std::make_shared<ObjectValue>();
    heap->type = &type;
    heap->values = std::move(values);
    return {ValueKind::Object, std::move(heap)};
}

const ObjectType& grad_mode_type() {
    static const ObjectType type{std::string(kGradModeType), {}, nullptr, nullptr};
    return type;
}

Value no_grad(Context& context, const NativeFunction&, Bound args) {
    (void)context;
    return args[0].is_none() ? object_of(grad_mode_type(), {Value(false)}) : args[0];
}
Value enable_grad(Context&, const NativeFunction&, Bound) {
    return object_of(grad_mode_type(), {Value(true)});
}
Value set_grad_enabled(Context& context, const NativeFunction&, Bound args) {
    return object_of(grad_mode_type(), {Value(context.truth(args[0]))});
}

Value gradient(Context& context, const NativeFunction&, Bound args) {
    static const ObjectType type{std::string(kGradientType), {}, nullptr, nullptr};
    if (!args[0].is(ValueKind::Function))
        context.fail("@gradient takes the function that computes the gradient, and this is " + described(args[0]) + ".",
                     "Define `def backward(grad_output, x):` above it.");
    return object_of(type, {args[0]});
}

}  // namespace

void add_builtins(Library& library) {
    library.add("", "len(obj)", length);
    library.add("", "abs(x)", absolute);
    library.add("", "max(*args, key=None, default=None)", largest_of);
    library.add("", "min(*args, key=None, default=None)", smallest_of);
    library.add("", "sum(iterable, start=0)", sum);
    library.add("", "zip(*iterables, strict=False)", zip);
    library.add("", "enumerate(iterable, start=0)", enumerate);
    library.add("", "reversed(sequence)", reversed);
    library.add("", "sorted(iterable, *, key=None, reverse=False)", sorted);
    library.add("", "any(iterable)", any);
    library.add("", "all(iterable)", all);
    library.add("", "isinstance(obj, types)", isinstance);
    library.add("", "round(number, ndigits=None)", round_number);
    library.add("", "print(*values, sep=None, end=None, flush=None)", print);
    library.add("", "map(function, *iterables)", map);
    library.add("", "filter(function, iterable)", filter);
    library.add("", "divmod(x, y)", divmod);
    library.add("", "pow(base, exp)", power);
    library.add("", "repr(obj)", to_repr);
    library.add("", "gradient(backward)", gradient);
    library.add("torch", "no_grad(function=None)", no_grad);
    library.add("torch", "inference_mode(function=None)", no_grad);
    library.add("torch", "enable_grad()", enable_grad);
    library.add("torch", "set_grad_enabled(mode)", set_grad_enabled);

    const auto type = [&](const char* space, const char* name, std::vector<ValueKind> kinds, const char* declaration,
                          Library::Bound constructor) {
        const NativeFunction* function = constructor == nullptr ? nullptr : library.add(space, declaration, constructor);
        library.types.push_back({name, std::move(kinds), function});
        library.add_constant(space, name, Value::type(&library.types.back()));
    };
    type("", "float", {ValueKind::Float}, "float(x=0.0)", to_float);
    type("", "int", {ValueKind::Int, ValueKind::Bool}, "int(x=0, base=10)", to_int);
    type("", "bool", {ValueKind::Bool}, "bool(x=False)", to_bool);
    type("", "str", {ValueKind::String}, "str(object='')", to_text);
    type("", "list", {ValueKind::List}, "list(iterable=None)", to_list);
    type("", "tuple", {ValueKind::Tuple}, "tuple(iterable=None)", to_tuple);
    type("", "set", {ValueKind::Set}, "set(iterable=None)", to_set);
    type("", "frozenset", {ValueKind::Set}, "frozenset(iterable=None)", to_set);
    type("", "range", {ValueKind::Range}, "range(*args)", range);
    NativeFunction dict;
    dict.name = dict.short_name = "dict";
    dict.raw = to_dict;
    library.types.push_back({"dict", {ValueKind::Dict}, library.add_free(std::move(dict))});
    library.add_constant("", "dict", Value::type(&library.types.back()));
    library.types.push_back({"torch.Tensor", {ValueKind::Tensor}, nullptr});
    library.add_constant("torch", "Tensor", Value::type(&library.types.back()));
}

}  // namespace lossmith::engine::language
