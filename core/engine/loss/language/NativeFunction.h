// Functions of the allow-list: how they are declared, and how arguments meet their parameters.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/engine/loss/language/SyntaxTree.h"
#include "core/engine/loss/language/Value.h"

namespace lossmith::engine::language {

class Context;
struct OperatorFamily;

struct Keyword {
    std::string_view name;
    Value value;
};
using Arguments = std::span<const Value>;
using Keywords = std::span<const Keyword>;

/// A Python signature: "input, target, *, reduction='mean'".
struct Signature {
    struct Item {
        std::string name;
        Value default_value;
        bool has_default = false;
        bool keyword_only = false;
        bool star = false;
    };
    std::vector<Item> items;
    [[nodiscard]] static Signature parse(std::string_view text);
};

struct NativeFunction {
    std::string name;        ///< "torch.where", "Tensor.sum", "len"
    std::string short_name;  ///< "where"
    /// With one argument for each item of the signature, defaults filled in.
    Value (*bound)(Context&, const NativeFunction&, std::span<Value>) = nullptr;
    Signature signature;
    /// With the arguments as they were given.
    Value (*raw)(Context&, const NativeFunction&, Arguments, Keywords) = nullptr;
    const OperatorFamily* family = nullptr;  ///< what `raw` calls, for PyTorch's own operators
    std::function<Result<Value>(std::span<const Value>)> host;
};

/// Fills the places of `function`'s signature. Fails in `context` naming what is missing, doubled or unknown.
[[nodiscard]] std::vector<Value> bind(Context& context, const NativeFunction& function, Arguments arguments, Keywords keywords);

/// A def or lambda with what it closes over.
struct FunctionValue {
    const FunctionNode* node = nullptr;
    std::shared_ptr<const SyntaxTree> tree;
    std::vector<Value> defaults;               ///< for each parameter; Unbound where there is none
    std::vector<std::shared_ptr<Cell>> cells;  ///< the free variables
    Value backward;                            ///< of @gradient; None otherwise
    bool quiet = false;                        ///< runs without gradient, as @torch.no_grad() asks
    ~FunctionValue();
};

struct Namespace {
    std::string name;
    std::map<std::string, Value, std::less<>> members;
};

/// What a class of torch makes: an nn loss, a Categorical, a match.
struct ObjectValue {
    const struct ObjectType* type = nullptr;
    std::vector<Value> values;
};

struct ObjectType {
    std::string name;
    std::map<std::string, const NativeFunction*, std::less<>> methods;                 ///< taking the object first
    Value (*attribute)(Context&, const Value& self, std::string_view name) = nullptr;  ///< Unbound where there is none
    const NativeFunction* call = nullptr;  ///< what calling the object does; takes the object first
};

/// What `with torch.no_grad():` and `@gradient(f)` make (Builtins.cpp): objects of these types.
inline constexpr std::string_view kGradModeType = "grad_mode";
inline constexpr std::string_view kGradientType = "gradient";

}  // namespace lossmith::engine::language
