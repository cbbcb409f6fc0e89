// PyTorch's operators, called by name through its dispatcher: overloads are chosen from their schemas.
#pragma once

#include <initializer_list>
#include <string_view>

#include "core/engine/loss/language/Context.h"

namespace lossmith::engine::language {

/// How an operator's output is estimated before it runs.
enum class Memory : std::uint8_t {
    View,         ///< nothing new
    Elementwise,  ///< the broadcast of the tensor arguments
    Reduction,    ///< next to nothing
    Factory,      ///< from sizes among the arguments
    Like,         ///< the first argument's shape
    Matrix,       ///< matmul and its kin
    Outer,
    Kron,
    Einsum,
    TensorDot,
    Distances,
    Repeat,
    RepeatEach,
    Gather,
    Concatenate,
    Bins,
    Draws,
    Diagonal,
    Product,
};

/// All overloads of an ATen operator; null when this LibTorch has none of that name. The first mention says how it is estimated.
[[nodiscard]] const OperatorFamily* family(std::string_view name, Memory memory = Memory::Elementwise);

/// Calls the overload that takes these arguments. The first tensor parameter also answers to `input`, `dim` to `axis`.
[[nodiscard]] Value dispatch(Context& context, const OperatorFamily& family, Arguments arguments, Keywords keywords);

/// The same by name, for operators that other functions are made of.
[[nodiscard]] Value op(Context& context, std::string_view name, std::initializer_list<Value> arguments,
                       std::initializer_list<Keyword> keywords = {});

/// `a + b` and its kin for all values.
[[nodiscard]] Value binary(Context& context, Operator op, const Value& left, const Value& right);
/// `a += b`: tensors and lists change in place.
[[nodiscard]] Value binary_in_place(Context& context, Operator op, const Value& left, const Value& right);
[[nodiscard]] Value unary(Context& context, Operator op, const Value& operand);
/// `a < b` and its kin; a tensor when either is one.
[[nodiscard]] Value compare(Context& context, Operator op, const Value& left, const Value& right);
/// Python's ==, as a truth.
[[nodiscard]] bool equal(Context& context, const Value& left, const Value& right);
[[nodiscard]] bool contains(Context& context, const Value& container, const Value& item);

// Numbers alone (Arithmetic.cpp).
[[nodiscard]] Value binary_number(Context& context, Operator op, const Value& left, const Value& right);
[[nodiscard]] bool compare_number(Operator op, const Value& left, const Value& right);
/// Text, lists and tuples (Arithmetic.cpp); Unbound when the two do not go together.
[[nodiscard]] Value binary_sequence(Context& context, Operator op, const Value& left, const Value& right);
[[nodiscard]] std::string_view symbol_of(Operator op);

/// x[index] and x[index] = value (Indexing.cpp).
[[nodiscard]] Value get_item(Context& context, const Value& container, const Value& index);
void set_item(Context& context, const Value& container, const Value& index, const Value& value);
void delete_item(Context& context, const Value& container, const Value& index);

/// x.name for tensors and other values (Attributes.cpp).
[[nodiscard]] Value attribute(Context& context, const Value& object, std::string_view name);
/// The method `name` of `object`'s kind; null when it has none.
[[nodiscard]] const NativeFunction* method_of(const Value& object, std::string_view name);

/// A 0-dim tensor's number as Python has it. Observed under `name`.
[[nodiscard]] Value item_of(Context& context, const Value& tensor, std::string_view name);
/// The number as a whole one, where one is expected: a count, a dimension.
[[nodiscard]] std::int64_t whole(Context& context, const Value& value, std::string_view what);
[[nodiscard]] double real(Context& context, const Value& value, std::string_view what);

}  // namespace lossmith::engine::language
