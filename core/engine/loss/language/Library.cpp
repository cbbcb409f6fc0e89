#include "core/engine/loss/language/Library.h"

#include "core/engine/loss/language/Interpreter.h"

namespace lossmith::engine::language {
namespace {

std::string_view last_part(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

}  // namespace

const Library& Library::instance() {
    static const Library library;
    return library;
}

Library::Library() {
    for (const char* name :
         {"", "torch", "torch.nn", "torch.nn.functional", "torch.distributions", "torch.linalg", "torch.special", "math", "re"})
        m_spaces[name].name = name;
    add_operators(*this);
    add_builtins(*this);
    add_mathematics(*this);
    add_text_methods(*this);
    add_container_methods(*this);
    add_regular_expressions(*this);
    add_factories(*this);
    add_tensor_methods(*this);
    add_functional(*this);
    add_loss_classes(*this);
    add_distributions(*this);
    for (const char* name : {"torch.nn.functional", "torch.nn", "torch.distributions", "torch.linalg", "torch.special"}) {
        const std::string_view path = name;
        m_spaces[std::string(path.substr(0, path.rfind('.')))].members[std::string(last_part(path))] = Value::name_space(&m_spaces[name]);
    }
    // Known without an import, as the losses that people paste leave them out.
    auto& builtins = m_spaces[""].members;
    builtins["torch"] = Value::name_space(&m_spaces["torch"]);
    builtins["F"] = Value::name_space(&m_spaces["torch.nn.functional"]);
    builtins["nn"] = Value::name_space(&m_spaces["torch.nn"]);
    builtins["math"] = Value::name_space(&m_spaces["math"]);
    builtins["re"] = Value::name_space(&m_spaces["re"]);
}

Namespace& Library::space(std::string_view name) {
    return m_spaces.find(name)->second;
}

const NativeFunction* Library::add_free(NativeFunction function) {
    return &m_functions.emplace_back(std::move(function));
}

namespace {

NativeFunction declared(std::string_view prefix, std::string_view declaration, Library::Bound bound) {
    const std::size_t bracket = declaration.find('(');
    NativeFunction function;
    function.short_name = declaration.substr(0, bracket);
    function.name = prefix.empty() ? function.short_name : std::string(prefix) + "." + function.short_name;
    function.signature = Signature::parse(declaration.substr(bracket + 1, declaration.size() - bracket - 2));
    function.bound = bound;
    return function;
}

}  // namespace

const NativeFunction* Library::add(std::string_view space_name, std::string_view declaration, Bound bound) {
    const std::string_view prefix = space_name == "torch.nn.functional" ? "F" : space_name == "torch.nn" ? "nn" : space_name;
    const NativeFunction* function = add_free(declared(prefix, declaration, bound));
    space(space_name).members[function->short_name] = Value::native(function);
    return function;
}

const NativeFunction* Library::add_method(ValueKind kind, std::string_view declaration, Bound bound) {
    const char* prefix = kind == ValueKind::Tensor   ? "Tensor"
                         : kind == ValueKind::String ? "str"
                         : kind == ValueKind::List   ? "list"
                         : kind == ValueKind::Dict   ? "dict"
                         : kind == ValueKind::Set    ? "set"
                                                     : "tuple";
    const NativeFunction* function = add_free(declared(prefix, declaration, bound));
    m_methods[kind][function->short_name] = function;
    return function;
}

void Library::add_object_method(ObjectType& type, std::string_view declaration, Bound function) {
    const NativeFunction* method = add_free(declared(type.name, declaration, function));
    type.methods[method->short_name] = method;
}

void Library::add_constant(std::string_view space_name, std::string_view name, Value value) {
    space(space_name).members[std::string(name)] = std::move(value);
}

const Value* Library::builtin(std::string_view name) const {
    const auto& members = m_spaces.find("")->second.members;
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
}

const std::map<std::string, const NativeFunction*, std::less<>>& Library::methods(ValueKind kind) const {
    static const std::map<std::string, const NativeFunction*, std::less<>> none;
    const auto found = m_methods.find(kind);
    return found == m_methods.end() ? none : found->second;
}

const NativeFunction* Library::method(ValueKind kind, std::string_view name) const {
    const auto& table = methods(kind);
    const auto found = table.find(name);
    return found == table.end() ? nullptr : found->second;
}

const Value* Library::path(std::string_view dotted) const {
    if (dotted.find('.') == std::string_view::npos) return builtin(dotted);
    const std::size_t dot = dotted.rfind('.');
    const auto space = m_spaces.find(dotted.substr(0, dot));
    if (space == m_spaces.end()) return nullptr;
    const auto found = space->second.members.find(last_part(dotted));
    return found == space->second.members.end() ? nullptr : &found->second;
}

}  // namespace lossmith::engine::language

namespace lossmith::engine {

std::vector<std::string> allowed_names() {
    using namespace language;
    std::vector<std::string> names;
    const Library& library = Library::instance();
    for (const auto& [path, space] : library.spaces()) {
        const std::string prefix = path.empty() ? "" : path == "torch.nn.functional" ? "F." : path == "torch.nn" ? "nn." : path + ".";
        for (const auto& [name, value] : space.members)
            if (!value.is(ValueKind::Namespace)) names.push_back(prefix + name);
    }
    for (const auto& [name, function] : library.methods(ValueKind::Tensor)) names.push_back("Tensor." + name);
    return names;
}

}  // namespace lossmith::engine
