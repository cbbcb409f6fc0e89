// The walk over statements.
#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>

#include <functional>
#include <optional>

#include "core/data/JsonFields.h"
#include "core/engine/loss/language/Evaluation.h"
#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {

Flow Evaluation::execute(const Block& block, Frame& frame) {
    for (const auto& statement : block)
        if (const Flow flow = execute(*statement, frame); flow != Flow::Next) return flow;
    return Flow::Next;
}

Flow Evaluation::execute(const Statement& node, Frame& frame) {
    step();
    switch (node.kind) {
        case StatementKind::Expression: {
            const Value value = evaluate(*node.value, frame);
            note(node.where, "", value);
            return Flow::Next;
        }
        case StatementKind::Assign: {
            const Value value = evaluate(*node.value, frame);
            for (const auto& target : node.targets) assign(*target, value, frame, true);
            return Flow::Next;
        }
        case StatementKind::AugmentedAssign: {
            const Expression& target = *node.targets[0];
            if (target.kind == ExpressionKind::Name) {
                const Value old = evaluate(target, frame);
                const Value operand = evaluate(*node.value, frame);
                where = &node.where;
                assign(target, binary_in_place(*this, node.op, old, operand), frame, true);
                return Flow::Next;
            }
            const Value container = evaluate(*target.children[0], frame);
            const Value index = evaluate(*target.children[1], frame);
            where = &target.where;
            const Value old = get_item(*this, container, index);
            const Value operand = evaluate(*node.value, frame);
            where = &node.where;
            const Value changed = binary_in_place(*this, node.op, old, operand);
            set_item(*this, container, index, changed);
            note(node.where, "[]", container);
            return Flow::Next;
        }
        case StatementKind::If:
            for (const auto& branch : node.branches) {
                if (branch.condition) {
                    const Value condition = evaluate(*branch.condition, frame);
                    where = &branch.condition->where;
                    if (!truth(condition)) continue;
                }
                return execute(branch.body, frame);
            }
            return Flow::Next;
        case StatementKind::For: return execute_for(node, frame);
        case StatementKind::While: return execute_while(node, frame);
        case StatementKind::Break: return Flow::Break;
        case StatementKind::Continue: return Flow::Continue;
        case StatementKind::Return:
            frame.returned = node.value ? evaluate(*node.value, frame) : Value();
            note(node.where, "return", frame.returned);
            return Flow::Return;
        case StatementKind::Pass: return Flow::Next;
        case StatementKind::Assert: {
            const Value condition = evaluate(*node.value, frame);
            where = &node.value->where;
            if (truth(condition)) return Flow::Next;
            std::string message = "The assertion does not hold.";
            if (node.message) message = "The assertion does not hold: " + str(evaluate(*node.message, frame));
            where = &node.where;
            fail(std::move(message), "It is checked by an assert of the loss itself.");
        }
        case StatementKind::Delete: remove(*node.targets[0], frame); return Flow::Next;
        case StatementKind::With: return execute_with(node, frame);
        case StatementKind::Function: execute_function(node, frame); return Flow::Next;
        case StatementKind::Import: execute_import(node, frame); return Flow::Next;
    }
    return Flow::Next;
}

Flow Evaluation::execute_for(const Statement& node, Frame& frame) {
    const Value source = evaluate(*node.value, frame);
    where = &node.value->where;
    Flow ended = Flow::Next;
    const std::function<bool(const Value&)> turn = [&](const Value& item) {
        assign(*node.targets[0], item, frame, false);
        const Flow flow = execute(node.body, frame);
        where = &node.where;
        if (flow == Flow::Break || flow == Flow::Return) {
            ended = flow;
            return false;
        }
        return true;
    };
    each_item(source, turn);
    if (ended == Flow::Return) return ended;
    return ended == Flow::Break ? Flow::Next : execute(node.otherwise, frame);
}

Flow Evaluation::execute_while(const Statement& node, Frame& frame) {
    while (true) {
        where = &node.where;
        step();
        const Value condition = evaluate(*node.value, frame);
        where = &node.value->where;
        if (!truth(condition)) return execute(node.otherwise, frame);
        const Flow flow = execute(node.body, frame);
        if (flow == Flow::Break) return Flow::Next;
        if (flow == Flow::Return) return flow;
    }
}

Flow Evaluation::execute_with(const Statement& node, Frame& frame) {
    // Modes end in the reverse order, also when a fault unwinds.
    std::vector<std::unique_ptr<c10::AutoGradMode>> modes;
    const bool before = c10::GradMode::is_enabled();
    bool enabled = before;
    for (const auto& context : node.targets) {
        const Value value = evaluate(*context, frame);
        where = &context->where;
        if (!value.is(ValueKind::Object) || value.heap<ObjectValue>().type->name != kGradModeType)
            fail(LossFault::Denied, "`with` takes only torch.no_grad() and torch.enable_grad() here.",
                 "Write the lines without the `with`.");
        enabled = value.heap<ObjectValue>().values[0].as_bool();
        modes.push_back(std::make_unique<c10::AutoGradMode>(enabled));
    }
    if (observer != nullptr) observer->on_operator(node.where, enabled ? "enable_grad" : "no_grad", {}, Value(true));
    const Flow flow = execute(node.body, frame);
    if (observer != nullptr) observer->on_operator(node.where, enabled ? "enable_grad" : "no_grad", {}, Value(false));
    while (!modes.empty()) modes.pop_back();
    return flow;
}

void Evaluation::execute_function(const Statement& node, Frame& frame) {
    Value function = make_function(*node.function, frame);
    for (auto decorator = node.decorators.rbegin(); decorator != node.decorators.rend(); ++decorator) {
        const Value by = evaluate(**decorator, frame);
        where = &(*decorator)->where;
        if (by.is(ValueKind::Object) && by.heap<ObjectValue>().type->name == kGradModeType) {
            function.heap<FunctionValue>().quiet = !by.heap<ObjectValue>().values[0].as_bool();
        } else if (by.is(ValueKind::Object) && by.heap<ObjectValue>().type->name == kGradientType) {
            function.heap<FunctionValue>().backward = by.heap<ObjectValue>().values[0];
        } else {
            const Value inner = function;
            function = call(by, {&inner, 1}, {});
        }
    }
    store(*node.targets[0], std::move(function), frame);
}

void Evaluation::execute_import(const Statement& node, Frame& frame) {
    const Library& library = Library::instance();
    for (const auto& imported : node.imports) {
        where = &node.where;
        const Value* found = library.path(imported.path);
        if (found == nullptr) {
            const std::size_t dot = imported.path.rfind('.');
            std::vector<std::string_view> known;
            if (const auto space = library.spaces().find(imported.path.substr(0, dot)); space != library.spaces().end())
                for (const auto& [name, value] : space->second.members) known.push_back(name);
            const std::string near = nearest_name(imported.path.substr(dot + 1), known);
            fail(LossFault::Denied, "`" + imported.path + "` is not part of the loss language.",
                 near.empty() ? "See the editor's completion for what there is." : "Did you mean `" + near + "`?");
        }
        store(*imported.target, *found, frame);
    }
}

void Evaluation::store(const Expression& name, Value value, Frame& frame) {
    const auto slot = static_cast<std::size_t>(name.slot);
    if (name.place == Place::Local) {
        Value& place = frame.slots[slot];
        if (place.is(ValueKind::Cell))
            std::swap(place.heap<Cell>().value, value);
        else
            std::swap(place, value);
    } else if (name.place == Place::Free) {
        std::swap(frame.function->cells[slot]->value, value);
    } else {
        std::swap(m_globals[slot], value);
    }
}

void Evaluation::assign(const Expression& target, const Value& value, Frame& frame, bool observed) {
    switch (target.kind) {
        case ExpressionKind::Name:
            store(target, value, frame);
            if (observed) note(target.where, target.text, value);
            return;
        case ExpressionKind::Subscript: {
            const Value container = evaluate(*target.children[0], frame);
            const Value index = evaluate(*target.children[1], frame);
            where = &target.where;
            set_item(*this, container, index, value);
            if (observed) note(target.where, "[]", container);
            return;
        }
        default: unpack(target, value, frame, observed);
    }
}

void Evaluation::unpack(const Expression& target, const Value& value, Frame& frame, bool observed) {
    where = &target.where;
    if (!value.is_sequence() && !value.is_tensor() && !value.is(ValueKind::Dict) && !value.is(ValueKind::Set) &&
        !value.is(ValueKind::String) && !value.is(ValueKind::Range))
        fail("cannot unpack non-iterable " + std::string(value.type_name()) + " object into several names.",
             "Does the function return as many values as there are names?");
    const std::vector<Value> items = iterate(value);
    const std::size_t wanted = target.children.size();
    std::size_t star = wanted;
    for (std::size_t i = 0; i < wanted; ++i)
        if (target.children[i]->kind == ExpressionKind::Starred) star = i;
    if (star == wanted ? items.size() != wanted : items.size() + 1 < wanted) {
        if (items.size() < wanted)
            fail("not enough values to unpack (expected " + std::string(star == wanted ? "" : "at least ") +
                     std::to_string(star == wanted ? wanted : wanted - 1) + ", got " + std::to_string(items.size()) + ").",
                 "Give as many names as there are values.");
        fail("too many values to unpack (expected " + std::to_string(wanted) + ", got " + std::to_string(items.size()) + ").",
             "Give as many names as there are values, or collect the rest: `a, *rest = …`.");
    }
    const std::size_t extra = star == wanted ? 0 : items.size() + 1 - wanted;
    for (std::size_t i = 0; i < wanted; ++i) {
        const Expression& child = *target.children[i];
        if (i == star) {
            const auto from = items.begin() + static_cast<std::ptrdiff_t>(star);
            assign(*child.children[0], list({from, from + static_cast<std::ptrdiff_t>(extra)}), frame, observed);
        } else {
            assign(child, items[star == wanted || i < star ? i : i + extra - 1], frame, observed);
        }
    }
}

void Evaluation::remove(const Expression& target, Frame& frame) {
    if (target.kind == ExpressionKind::Name) {
        (void)evaluate_name(target, frame);
        store(target, Value::unbound(), frame);
    } else if (target.kind == ExpressionKind::Subscript) {
        const Value container = evaluate(*target.children[0], frame);
        const Value index = evaluate(*target.children[1], frame);
        where = &target.where;
        delete_item(*this, container, index);
    } else {
        for (const auto& child : target.children) remove(*child, frame);
    }
}

}  // namespace lossmith::engine::language
