// Python's math.
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

template <double (*function)(double)>
Value one_number(Context& context, const NativeFunction& self, std::span<Value> args) {
    const double x = real(context, args[0], "The argument of " + self.name);
    const double result = function(x);
    if (std::isnan(result) && !std::isnan(x))
        context.fail("math domain error: " + self.name + " of " + repr(Value(x)) + ".", "Check the number first, or clamp it.");
    if (std::isinf(result) && std::isfinite(x))
        context.fail(self.short_name == "exp" ? "math range error: " + self.name + " of " + repr(Value(x)) + " is too large."
                                              : "math domain error: " + self.name + " of " + repr(Value(x)) + ".",
                     "Check the number first, or clamp it.");
    return {result};
}

template <double (*function)(double)>
Value to_whole(Context& context, const NativeFunction& self, std::span<Value> args) {
    const double result = function(real(context, args[0], "The argument of " + self.name));
    if (!(std::fabs(result) < 9.2e18))
        context.fail("cannot convert float to integer in " + self.name + ".", "Check it with math.isfinite first.");
    return {static_cast<std::int64_t>(result)};
}

template <bool (*function)(double)>
Value about(Context& context, const NativeFunction& self, std::span<Value> args) {
    return {function(real(context, args[0], "The argument of " + self.name))};
}

bool finite(double x) {
    return std::isfinite(x);
}
bool infinite(double x) {
    return std::isinf(x);
}
bool not_a_number(double x) {
    return std::isnan(x);
}
double degrees(double x) {
    return x * 180 / std::numbers::pi;
}
double radians(double x) {
    return x * std::numbers::pi / 180;
}

Value logarithm(Context& context, const NativeFunction& self, std::span<Value> args) {
    const double x = real(context, args[0], "The argument of math.log");
    if (!(x > 0) && !std::isnan(x))
        context.fail("math domain error: " + self.name + " of " + repr(Value(x)) + ".",
                     "Take the logarithm of positive numbers only; add a small number.");
    if (args[1].is_none()) return {std::log(x)};
    const double base = real(context, args[1], "The base");
    if (!(base > 0) || base == 1) context.fail("math domain error: the base of the logarithm is " + repr(Value(base)) + ".", "");
    return {std::log(x) / std::log(base)};
}

Value square_root(Context& context, const NativeFunction&, std::span<Value> args) {
    const double x = real(context, args[0], "The argument of math.sqrt");
    if (x < 0) context.fail("math domain error: the square root of " + repr(Value(x)) + ".", "Clamp it at 0 first.");
    return {std::sqrt(x)};
}

Value power_of(Context& context, const NativeFunction&, std::span<Value> args) {
    return binary_number(context, Operator::Power, Value(real(context, args[0], "The base")),
                         Value(real(context, args[1], "The exponent")));
}

Value remainder_of(Context& context, const NativeFunction&, std::span<Value> args) {
    const double y = real(context, args[1], "The divisor");
    if (y == 0) context.fail("math domain error: a division by zero.", "");
    return {std::fmod(real(context, args[0], "The dividend"), y)};
}

Value arc_tangent(Context& context, const NativeFunction&, std::span<Value> args) {
    return {std::atan2(real(context, args[0], "y"), real(context, args[1], "x"))};
}
Value sign_of(Context& context, const NativeFunction&, std::span<Value> args) {
    return {std::copysign(real(context, args[0], "x"), real(context, args[1], "y"))};
}

Value hypotenuse(Context& context, const NativeFunction&, std::span<Value> args) {
    double total = 0;
    for (const Value& item : args[0].items()) total = std::hypot(total, real(context, item, "An argument of math.hypot"));
    return {total};
}

Value product(Context& context, const NativeFunction&, std::span<Value> args) {
    Value total = args[1];
    for (const Value& item : context.iterate(args[0])) total = binary(context, Operator::Multiply, total, item);
    return total;
}

Value greatest_divisor(Context& context, const NativeFunction&, std::span<Value> args) {
    std::uint64_t result = 0;
    for (const Value& item : args[0].items()) {
        const std::int64_t number = whole(context, item, "An argument of math.gcd");
        result = std::gcd(result, number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number));
    }
    return {static_cast<std::int64_t>(result & INT64_MAX)};
}

Value factorial(Context& context, const NativeFunction&, std::span<Value> args) {
    const std::int64_t n = whole(context, args[0], "The argument of math.factorial");
    if (n < 0) context.fail("factorial() not defined for negative values.", "");
    if (n > 20) context.fail("This whole number does not fit 64 bits.", "Use math.lgamma(n + 1), its logarithm.");
    std::int64_t result = 1;
    for (std::int64_t i = 2; i <= n; ++i) result *= i;
    return {result};
}

Value close(Context& context, const NativeFunction&, std::span<Value> args) {
    const double a = real(context, args[0], "a");
    const double b = real(context, args[1], "b");
    if (a == b) return {true};
    if (!std::isfinite(a) || !std::isfinite(b)) return {false};
    return {std::fabs(a - b) <= std::max(args[2].as_float() * std::max(std::fabs(a), std::fabs(b)), real(context, args[3], "abs_tol"))};
}

}  // namespace

void add_mathematics(Library& library) {
    library.add("math", "log(x, base=None)", logarithm);
    library.add("math", "sqrt(x)", square_root);
    library.add("math", "exp(x)", one_number<std::exp>);
    library.add("math", "expm1(x)", one_number<std::expm1>);
    library.add("math", "log2(x)", one_number<std::log2>);
    library.add("math", "log10(x)", one_number<std::log10>);
    library.add("math", "log1p(x)", one_number<std::log1p>);
    library.add("math", "sin(x)", one_number<std::sin>);
    library.add("math", "cos(x)", one_number<std::cos>);
    library.add("math", "tan(x)", one_number<std::tan>);
    library.add("math", "asin(x)", one_number<std::asin>);
    library.add("math", "acos(x)", one_number<std::acos>);
    library.add("math", "atan(x)", one_number<std::atan>);
    library.add("math", "sinh(x)", one_number<std::sinh>);
    library.add("math", "cosh(x)", one_number<std::cosh>);
    library.add("math", "tanh(x)", one_number<std::tanh>);
    library.add("math", "erf(x)", one_number<std::erf>);
    library.add("math", "erfc(x)", one_number<std::erfc>);
    library.add("math", "gamma(x)", one_number<std::tgamma>);
    library.add("math", "lgamma(x)", one_number<std::lgamma>);
    library.add("math", "fabs(x)", one_number<std::fabs>);
    library.add("math", "degrees(x)", one_number<degrees>);
    library.add("math", "radians(x)", one_number<radians>);
    library.add("math", "floor(x)", to_whole<std::floor>);
    library.add("math", "ceil(x)", to_whole<std::ceil>);
    library.add("math", "trunc(x)", to_whole<std::trunc>);
    library.add("math", "isfinite(x)", about<finite>);
    library.add("math", "isinf(x)", about<infinite>);
    library.add("math", "isnan(x)", about<not_a_number>);
    library.add("math", "pow(x, y)", power_of);
    library.add("math", "fmod(x, y)", remainder_of);
    library.add("math", "atan2(y, x)", arc_tangent);
    library.add("math", "copysign(x, y)", sign_of);
    library.add("math", "hypot(*coordinates)", hypotenuse);
    library.add("math", "prod(iterable, start=1)", product);
    library.add("math", "gcd(*integers)", greatest_divisor);
    library.add("math", "factorial(n)", factorial);
    library.add("math", "isclose(a, b, rel_tol=1e-09, abs_tol=0.0)", close);
    for (const char* space : {"math", "torch"}) {
        library.add_constant(space, "pi", Value(std::numbers::pi));
        library.add_constant(space, "e", Value(std::numbers::e));
        library.add_constant(space, "inf", Value(std::numeric_limits<double>::infinity()));
        library.add_constant(space, "nan", Value(std::numeric_limits<double>::quiet_NaN()));
    }
    library.add_constant("math", "tau", Value(2 * std::numbers::pi));
}

}  // namespace lossmith::engine::language
