// One ATen operator with its overloads, their schemas read once into a form that matching is quick with.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <string>
#include <vector>

#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {

enum class ArgumentKind : std::uint8_t {
    Tensor,
    Scalar,
    Int,
    Float,
    Bool,
    String,
    Dtype,
    Device,
    Absent,  ///< Absent: only None or the default (generators, layouts)
    Ints,
    Floats,
    Bools,
    Tensors,
    OptionalTensors,
};

struct OverloadArgument {
    std::string name;
    ArgumentKind kind = ArgumentKind::Absent;
    bool optional = false;
    bool keyword_only = false;
    bool has_default = false;
    int count = 0;  ///< of a list that one number may stand for: int[2]
    c10::IValue default_value;
};

struct Overload {
    c10::OperatorHandle handle;
    std::vector<OverloadArgument> arguments;
    std::vector<std::string> fields;  ///< the names of several results
    std::size_t positional = 0;
};

struct OperatorFamily {
    std::string name;
    Memory memory = Memory::Elementwise;
    std::vector<Overload> overloads;
};

/// The bytes that the call on `stack` is about to make, at most.
[[nodiscard]] double estimated_bytes(const OperatorFamily& family, const Overload& overload, const torch::jit::Stack& stack);

}  // namespace lossmith::engine::language
