// Python's scopes: a name assigned anywhere in a function is local to it; nested functions share it through a cell.
#include <algorithm>
#include <map>

#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Parser.h"

namespace lossmith::engine::language {
namespace {

class Resolver {
public:
    explicit Resolver(SyntaxTree& tree) : m_tree(tree) {}

    void run() {
        Scope scope{&m_tree.top, nullptr, {}, {}, {}};
        declare(scope);
        block(m_tree.top.body, scope);
    }

private:
    struct Scope {
        FunctionNode* function;
        Scope* outer;
        std::map<std::string, int, std::less<>> locals;
        std::map<std::string, int, std::less<>> free;
        std::vector<std::map<std::string, int, std::less<>>> comprehensions;  // the innermost last
    };

    static int add_local(Scope& scope, const std::string& name) {
        scope.function->locals.push_back(name);
        scope.function->captured.push_back(false);
        return static_cast<int>(scope.function->locals.size()) - 1;
    }

    static void declare(Scope& scope) {
        for (const auto& parameter : scope.function->parameters) scope.locals[parameter.name] = add_local(scope, parameter.name);
        for (const auto& name : scope.function->assigned)
            if (!scope.locals.contains(name)) scope.locals[name] = add_local(scope, name);
    }

    [[nodiscard]] static int local_slot(const Scope& scope, const std::string& name) {
        for (auto inner = scope.comprehensions.rbegin(); inner != scope.comprehensions.rend(); ++inner)
            if (const auto found = inner->find(name); found != inner->end()) return found->second;
        const auto found = scope.locals.find(name);
        return found == scope.locals.end() ? -1 : found->second;
    }

    // The place of `name` as a free variable of `scope`'s function; -1 when no function around it has it.
    int free_slot(Scope& scope, const std::string& name) {
        if (const auto found = scope.free.find(name); found != scope.free.end()) return found->second;
        Scope* outer = scope.outer;
        if (outer == nullptr || outer->outer == nullptr) return -1;  // the top level's names are global
        FunctionNode::Capture capture;
        if (const int slot = local_slot(*outer, name); slot >= 0) {
            outer->function->captured[static_cast<std::size_t>(slot)] = true;
            capture = {true, slot};
        } else if (const int free = free_slot(*outer, name); free >= 0) {
            capture = {false, free};
        } else {
            return -1;
        }
        scope.function->captures.push_back(capture);
        scope.function->free_names.push_back(name);
        const int index = static_cast<int>(scope.function->captures.size()) - 1;
        scope.free[name] = index;
        return index;
    }

    void name(Expression& node, Scope& scope) {
        const bool top = scope.outer == nullptr;
        if (const int slot = local_slot(scope, node.text); slot >= 0) {
            node.place = top ? Place::Global : Place::Local;
            node.slot = slot;
            return;
        }
        if (!top) {
            if (const int slot = free_slot(scope, node.text); slot >= 0) {
                node.place = Place::Free;
                node.slot = slot;
                return;
            }
            const Scope* outermost = &scope;
            while (outermost->outer != nullptr) outermost = outermost->outer;
            if (const int slot = local_slot(*outermost, node.text); slot >= 0) {
                node.place = Place::Global;
                node.slot = slot;
                return;
            }
        }
        const auto [found, added] = m_outside.try_emplace(node.text, static_cast<int>(m_tree.outside.size()));
        if (added) m_tree.outside.push_back(node.text);
        node.place = Place::Outside;
        node.slot = found->second;
    }

    void function(FunctionNode& node, Scope& scope) {
        for (auto& parameter : node.parameters)
            if (parameter.default_value) expression(*parameter.default_value, scope);
        Scope inner{&node, &scope, {}, {}, {}};
        declare(inner);
        if (node.expression) expression(*node.expression, inner);
        block(node.body, inner);
    }

    void targets_of(const Expression& target, Scope& scope, std::map<std::string, int, std::less<>>& names) {
        if (target.kind == ExpressionKind::Name && !names.contains(target.text)) names[target.text] = add_local(scope, target.text);
        if (target.kind == ExpressionKind::Tuple || target.kind == ExpressionKind::List || target.kind == ExpressionKind::Starred)
            for (const auto& child : target.children) targets_of(*child, scope, names);
    }

    void expression(Expression& node, Scope& scope) {
        if (node.kind == ExpressionKind::Name) return name(node, scope);
        if (node.kind == ExpressionKind::Lambda) return function(*node.function, scope);
        if (node.clauses.empty()) {
            for (auto& child : node.children)
                if (child) expression(*child, scope);
            return;
        }
        const std::size_t before = scope.comprehensions.size();
        for (auto& clause : node.clauses) {
            expression(*clause.source, scope);
            std::map<std::string, int, std::less<>> names;
            targets_of(*clause.target, scope, names);
            scope.comprehensions.push_back(std::move(names));
            expression(*clause.target, scope);
            for (auto& condition : clause.conditions) expression(*condition, scope);
        }
        for (auto& child : node.children) expression(*child, scope);
        scope.comprehensions.resize(before);
    }

    void block(Block& statements, Scope& scope) {
        for (auto& one : statements) statement(*one, scope);
    }

    void statement(Statement& node, Scope& scope) {
        for (auto& decorator : node.decorators) expression(*decorator, scope);
        if (node.value) expression(*node.value, scope);
        if (node.message) expression(*node.message, scope);
        for (auto& target : node.targets) expression(*target, scope);
        for (auto& imported : node.imports) expression(*imported.target, scope);
        for (auto& branch : node.branches) {
            if (branch.condition) expression(*branch.condition, scope);
            block(branch.body, scope);
        }
        block(node.body, scope);
        block(node.otherwise, scope);
        if (node.function) function(*node.function, scope);
    }

    SyntaxTree& m_tree;
    std::map<std::string, int, std::less<>> m_outside;
};

}  // namespace

void resolve_names(SyntaxTree& tree) {
    Resolver(tree).run();
}

}  // namespace lossmith::engine::language
