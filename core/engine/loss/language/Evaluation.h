// One run of a program: its variables, its stack, and the walk over its tree.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/loss/language/Context.h"

namespace lossmith::engine::language {

/// The variables of one call of a function.
struct Frame {
    const FunctionNode* node = nullptr;
    const FunctionValue* function = nullptr;  ///< null at the top level
    std::vector<Value> slots;
    Value returned;
};

enum class Flow : std::uint8_t { Next, Break, Continue, Return };

class Evaluation final : public Context, public std::enable_shared_from_this<Evaluation> {
public:
    using HostFunctions = std::shared_ptr<const std::deque<NativeFunction>>;

    Evaluation(std::shared_ptr<const SyntaxTree> tree, HostFunctions host, const Budget& budget, Observer* observer,
               CancellationToken cancellation);
    ~Evaluation() override;

    /// The top level, then the function; throws Fault.
    [[nodiscard]] Value run(const std::string& function, const std::vector<std::pair<std::string, Value>>& arguments);
    /// Breaks the circles of closures, so that nothing is held longer than it is used.
    void finish();

    [[nodiscard]] Value call(const Value& callee, Arguments arguments, Keywords keywords) override;
    /// A def or lambda as it is, whatever derivative it has been given.
    [[nodiscard]] Value call_function(const Value& callee, Arguments arguments, Keywords keywords);
    /// The derivative's function, called when Torch runs backward: under a fresh budget, seen by nobody.
    [[nodiscard]] Value call_backward(const Value& callee, Arguments arguments);
    /// What `function` closes over outlives the evaluation.
    void keep_cells(const Value& function);

private:
    // Expressions.cpp
    [[nodiscard]] Value evaluate(const Expression& node, Frame& frame);
    [[nodiscard]] Value evaluate_name(const Expression& node, Frame& frame);
    [[nodiscard]] Value evaluate_call(const Expression& node, Frame& frame);
    [[nodiscard]] Value evaluate_compare(const Expression& node, Frame& frame);
    [[nodiscard]] Value evaluate_container(const Expression& node, Frame& frame);
    [[nodiscard]] Value evaluate_comprehension(const Expression& node, Frame& frame);
    [[nodiscard]] Value evaluate_text(const Expression& node, Frame& frame);
    void comprehend(const Expression& node, std::size_t clause, Frame& frame, const Value& made);
    void gather_items(const Expression& node, Frame& frame, std::vector<Value>& items);
    [[nodiscard]] Value make_function(const FunctionNode& node, Frame& frame);
    [[noreturn]] void unknown_name(const Expression& node);
    template <typename Take>
    void each_item(const Value& source, Take take);

    // Statements.cpp
    Flow execute(const Block& block, Frame& frame);
    Flow execute(const Statement& node, Frame& frame);
    Flow execute_for(const Statement& node, Frame& frame);
    Flow execute_while(const Statement& node, Frame& frame);
    Flow execute_with(const Statement& node, Frame& frame);
    void execute_function(const Statement& node, Frame& frame);
    void execute_import(const Statement& node, Frame& frame);
    void assign(const Expression& target, const Value& value, Frame& frame, bool observed);
    void unpack(const Expression& target, const Value& value, Frame& frame, bool observed);
    void remove(const Expression& target, Frame& frame);
    void store(const Expression& name, Value value, Frame& frame);
    void note(const SourceRange& range, std::string_view target, const Value& value) {
        if (observer != nullptr) observer->on_statement(range, target, value);
    }

    // Calls.cpp
    [[nodiscard]] Frame frame_for(const FunctionValue& function, Arguments arguments, Keywords keywords);
    [[nodiscard]] std::shared_ptr<Cell> new_cell();
    void guard_stack();

    std::shared_ptr<const SyntaxTree> m_tree;
    HostFunctions m_host;
    std::vector<Value> m_globals;
    std::vector<Value> m_outside;
    std::vector<std::weak_ptr<Cell>> m_cells;
    std::vector<std::shared_ptr<Cell>> m_kept;
    int m_depth = 0;
};

// Goes through `source` without making a list where that is easy. `take` gives false to stop.
template <typename Take>
void Evaluation::each_item(const Value& source, Take take) {
    if (source.is(ValueKind::Range)) {
        const auto range = source.heap<RangeValue>();
        const std::int64_t size = range.size();
        for (std::int64_t i = 0; i < size; ++i) {
            step();
            if (!take(Value(range.start + i * range.step))) return;
        }
        return;
    }
    if (source.is(ValueKind::List)) {
        const Value held = source;
        // By position, since the body may change the list
        for (std::size_t i = 0; i < held.items().size(); ++i) {
            step();
            const Value item = held.items()[i];
            if (!take(item)) return;
        }
        return;
    }
    for (const Value& item : iterate(source)) {
        step();
        if (!take(item)) return;
    }
}

/// Calls `function`, which has a derivative of its own, as a node of Torch's graph (GradientFunction.cpp).
[[nodiscard]] Value call_with_gradient(Evaluation& evaluation, const Value& function, Arguments arguments, Keywords keywords);

}  // namespace lossmith::engine::language
