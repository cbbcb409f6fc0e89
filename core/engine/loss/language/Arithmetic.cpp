// Python's arithmetic on numbers, text and sequences.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
    std::int64_t quotient = a / b;
    if (a % b != 0 && ((a < 0) != (b < 0))) --quotient;
    return quotient;
}

double floor_remainder(double a, double b) {
    double rest = std::fmod(a, b);
    if (rest != 0 && ((b < 0) != (rest < 0))) rest += b;
    return rest == 0 ? std::copysign(0.0, b) : rest;
}

[[noreturn]] void too_big(const Context& context) {
    context.fail("This whole number does not fit 64 bits.", "Compute with floats: write 2.0 instead of 2, for example.");
}

[[noreturn]] void by_zero(const Context& context, const char* text) {
    context.fail(std::string("A division by zero (") + text + ").", "Add a small number to the divisor, or check it with if.");
}

Value power_of_ints(const Context& context, std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) {
        if (base == 0) by_zero(context, "0 to a negative power");
        return {std::pow(static_cast<double>(base), static_cast<double>(exponent))};
    }
    std::int64_t result = 1;
    bool squares = true;  // whether base still holds the next square
    while (exponent > 0) {
        if (!squares) too_big(context);
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) too_big(context);
        exponent >>= 1;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) squares = false;
    }
    return {result};
}

Value ints(const Context& context, Operator op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case Operator::Add:
            if (__builtin_add_overflow(a, b, &result)) too_big(context);
            return {result};
        case Operator::Subtract:
            if (__builtin_sub_overflow(a, b, &result)) too_big(context);
            return {result};
        case Operator::Multiply:
            if (__builtin_mul_overflow(a, b, &result)) too_big(context);
            return {result};
        case Operator::Divide:
            if (b == 0) by_zero(context, "division by zero");
            return {static_cast<double>(a) / static_cast<double>(b)};
        case Operator::FloorDivide:
            if (b == 0) by_zero(context, "integer division or modulo by zero");
            if (b == -1) {
                if (__builtin_sub_overflow(std::int64_t{0}, a, &result)) too_big(context);
                return {result};
            }
            return {floor_quotient(a, b)};
        case Operator::Modulo:
            if (b == 0) by_zero(context, "integer division or modulo by zero");
            if (b == -1) return {std::int64_t{0}};
            return {a - floor_quotient(a, b) * b};
        case Operator::Power: return power_of_ints(context, a, b);
        case Operator::And: return {a & b};
        case Operator::Or: return {a | b};
        case Operator::Xor: return {a ^ b};
        case Operator::ShiftLeft:
            if (b < 0) context.fail("A shift by a negative number.", "Shift the other way.");
            if (a != 0 && (b > 62 || (a > 0 ? a > (std::numeric_limits<std::int64_t>::max() >> b)
                                            : a < (std::numeric_limits<std::int64_t>::min() >> b))))
                too_big(context);
            return {a == 0 ? std::int64_t{0} : a * (std::int64_t{1} << b)};
        case Operator::ShiftRight:
            if (b < 0) context.fail("A shift by a negative number.", "Shift the other way.");
            return {a >> std::min<std::int64_t>(b, 63)};
        default: return Value::unbound();
    }
}

Value floats(const Context& context, Operator op, double a, double b) {
    switch (op) {
        case Operator::Add: return {a + b};
        case Operator::Subtract: return {a - b};
        case Operator::Multiply: return {a * b};
        case Operator::Divide:
            if (b == 0) by_zero(context, "float division by zero");
            return {a / b};
        case Operator::FloorDivide:
            if (b == 0) by_zero(context, "float floor division by zero");
            return {std::floor((a - floor_remainder(a, b)) / b + 0.5)};
        case Operator::Modulo:
            if (b == 0) by_zero(context, "float modulo");
            return {floor_remainder(a, b)};
        case Operator::Power: {
            if (a == 0 && b < 0) by_zero(context, "0.0 to a negative power");
            if (a < 0 && std::floor(b) != b && std::isfinite(b))
                context.fail("A negative number to a fractional power is complex.", "Take abs() first.");
            const double result = std::pow(a, b);
            if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
                context.fail("This power is too large for a float.", "Compute with logarithms, or clamp the exponent.");
            return {result};
        }
        default: return Value::unbound();
    }
}

Value repeated(Context& context, const Value& sequence, std::int64_t times) {
    times = std::max<std::int64_t>(times, 0);
    if (sequence.is(ValueKind::String)) {
        const std::string& unit = sequence.as_string();
        if (!unit.empty() && times > std::numeric_limits<std::int64_t>::max() / 64 / static_cast<std::int64_t>(unit.size()))
            context.reserve_text(std::numeric_limits<std::int64_t>::max() / 4);
        context.reserve_text(static_cast<std::int64_t>(unit.size()) * times);
        std::string result;
        result.reserve(unit.size() * static_cast<std::size_t>(times));
        if (!unit.empty())
            for (std::int64_t i = 0; i < times; ++i) result += unit;
        return context.text(std::move(result));
    }
    const auto& items = sequence.items();
    if (!items.empty() && times > std::numeric_limits<std::int64_t>::max() / 64 / static_cast<std::int64_t>(items.size()))
        context.reserve_text(std::numeric_limits<std::int64_t>::max() / 4);
    context.reserve_items(static_cast<std::int64_t>(items.size()) * times);
    std::vector<Value> result;
    result.reserve(items.size() * static_cast<std::size_t>(times));
    if (!items.empty())
        for (std::int64_t i = 0; i < times; ++i) result.insert(result.end(), items.begin(), items.end());
    return sequence.is(ValueKind::List) ? context.list(std::move(result)) : context.tuple(std::move(result));
}

}  // namespace

std::string_view symbol_of(Operator op) {
    switch (op) {
        case Operator::Add: return "+";
        case Operator::Subtract: return "-";
        case Operator::Multiply: return "*";
        case Operator::Divide: return "/";
        case Operator::FloorDivide: return "//";
        case Operator::Modulo: return "%";
        case Operator::Power: return "**";
        case Operator::MatrixMultiply: return "@";
        case Operator::And: return "&";
        case Operator::Or: return "|";
        case Operator::Xor: return "^";
        case Operator::ShiftLeft: return "<<";
        case Operator::ShiftRight: return ">>";
        case Operator::Negate: return "-";
        case Operator::Positive: return "+";
        case Operator::Invert: return "~";
        case Operator::Not: return "not";
        case Operator::Equal: return "==";
        case Operator::NotEqual: return "!=";
        case Operator::Less: return "<";
        case Operator::LessEqual: return "<=";
        case Operator::Greater: return ">";
        case Operator::GreaterEqual: return ">=";
        case Operator::Is: return "is";
        case Operator::IsNot: return "is not";
        case Operator::In: return "in";
        case Operator::NotIn: return "not in";
    }
    return "?";
}

Value binary_number(Context& context, Operator op, const Value& left, const Value& right) {
    if (left.is_integral() && right.is_integral()) {
        const bool bits = op == Operator::And || op == Operator::Or || op == Operator::Xor;
        Value result = ints(context, op, left.as_int(), right.as_int());
        if (bits && left.is(ValueKind::Bool) && right.is(ValueKind::Bool)) return {result.as_int() != 0};
        return result;
    }
    return floats(context, op, left.as_float(), right.as_float());
}

bool compare_number(Operator op, const Value& left, const Value& right) {
    const auto by = [op](auto a, auto b) {
        switch (op) {
            case Operator::Equal: return a == b;
            case Operator::NotEqual: return a != b;
            case Operator::Less: return a < b;
            case Operator::LessEqual: return a <= b;
            case Operator::Greater: return a > b;
            default: return a >= b;
        }
    };
    if (left.is_integral() && right.is_integral()) return by(left.as_int(), right.as_int());
    return by(left.as_float(), right.as_float());
}

Value binary_sequence(Context& context, Operator op, const Value& left, const Value& right) {
    if (op == Operator::Multiply) {
        if ((left.is(ValueKind::String) || left.is_sequence()) && right.is_integral()) return repeated(context, left, right.as_int());
        if ((right.is(ValueKind::String) || right.is_sequence()) && left.is_integral()) return repeated(context, right, left.as_int());
    }
    if (op == Operator::Add && left.kind() == right.kind()) {
        if (left.is(ValueKind::String)) {
            context.reserve_text(static_cast<std::int64_t>(left.as_string().size() + right.as_string().size()));
            return context.text(left.as_string() + right.as_string());
        }
        if (left.is_sequence()) {
            context.reserve_items(static_cast<std::int64_t>(left.items().size() + right.items().size()));
            std::vector<Value> items = left.items();
            items.insert(items.end(), right.items().begin(), right.items().end());
            context.step(static_cast<std::int64_t>(items.size() / 16));
            return left.is(ValueKind::List) ? context.list(std::move(items)) : context.tuple(std::move(items));
        }
    }
    const bool sets = left.is(ValueKind::Set) && right.is(ValueKind::Set);
    if ((op == Operator::Or && left.kind() == right.kind() && (sets || left.is(ValueKind::Dict))) ||
        (sets && (op == Operator::And || op == Operator::Subtract || op == Operator::Xor))) {
        Value result = context.dict(left.kind());
        auto& made = result.heap<DictValue>();
        const auto& a = left.heap<DictValue>();
        const auto& b = right.heap<DictValue>();
        for (const auto& [key, item] : a.pairs) {
            const bool shared = b.find(key) != nullptr;
            if (op == Operator::Or || (op == Operator::And) == shared) made.set(key, item);
        }
        if (op == Operator::Or || op == Operator::Xor)
            for (const auto& [key, item] : b.pairs)
                if (op == Operator::Or || a.find(key) == nullptr) made.set(key, item);
        context.recharge(result);
        return result;
    }
    if (op == Operator::Modulo && left.is(ValueKind::String))
        context.fail(LossFault::Denied, "Formatting with % is not part of the loss language.", "Write an f-string: f\"{value:.3f}\".");
    return Value::unbound();
}

}  // namespace lossmith::engine::language
