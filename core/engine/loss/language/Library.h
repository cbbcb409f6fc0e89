// All that a loss may call, gathered once from the files that define it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/engine/loss/language/NativeFunction.h"

namespace lossmith::engine::language {

class Library {
public:
    /// The one table; made at first use, never changed after.
    [[nodiscard]] static const Library& instance();

    using Bound = Value (*)(Context&, const NativeFunction&, std::span<Value>);

    /// "torch", "cross_entropy(input, target, weight=None)": space "" holds the builtins.
    const NativeFunction* add(std::string_view space, std::string_view declaration, Bound function);
    /// A method; its declaration names self first.
    const NativeFunction* add_method(ValueKind kind, std::string_view declaration, Bound function);
    /// One of PyTorch's operators as a method of tensors.
    void add_operator_method(std::string_view name, const NativeFunction* function) {
        m_methods[ValueKind::Tensor][std::string(name)] = function;
    }
    void add_named_method(ValueKind kind, const NativeFunction* function) { m_methods[kind][function->short_name] = function; }
    void add_object_method(ObjectType& type, std::string_view declaration, Bound function);
    const NativeFunction* add_free(NativeFunction function);
    void add_constant(std::string_view space, std::string_view name, Value value);
    Namespace& space(std::string_view name);

    [[nodiscard]] const Value* builtin(std::string_view name) const;
    [[nodiscard]] const NativeFunction* method(ValueKind kind, std::string_view name) const;
    [[nodiscard]] const std::map<std::string, const NativeFunction*, std::less<>>& methods(ValueKind kind) const;
    [[nodiscard]] const std::map<std::string, Namespace, std::less<>>& spaces() const { return m_spaces; }
    /// "torch.nn.functional" or "torch.nn.functional.softmax"; null when there is none.
    [[nodiscard]] const Value* path(std::string_view dotted) const;

    std::deque<TypeValue> types;
    std::deque<ObjectType> object_types;

private:
    Library();
    std::deque<NativeFunction> m_functions;
    std::map<std::string, Namespace, std::less<>> m_spaces;
    std::map<ValueKind, std::map<std::string, const NativeFunction*, std::less<>>> m_methods;
};

// Each file's share.
void add_operators(Library&);
void add_builtins(Library&);
void add_mathematics(Library&);
void add_text_methods(Library&);
void add_container_methods(Library&);
void add_regular_expressions(Library&);
void add_factories(Library&);
void add_tensor_methods(Library&);
void add_functional(Library&);
void add_loss_classes(Library&);
void add_distributions(Library&);

}  // namespace lossmith::engine::language
