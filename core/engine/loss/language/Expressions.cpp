// The walk over expressions.
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "core/data/JsonFields.h"
#include "core/engine/loss/language/Evaluation.h"
#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {

Value Evaluation::evaluate(const Expression& node, Frame& frame) {
    switch (node.kind) {
        case ExpressionKind::Constant: return node.constant;
        case ExpressionKind::Name: return evaluate_name(node, frame);
        case ExpressionKind::Attribute: {
            const Value object = evaluate(*node.children[0], frame);
            where = &node.where;
            return attribute(*this, object, node.text);
        }
        case ExpressionKind::Call: return evaluate_call(node, frame);
        case ExpressionKind::Subscript: {
            const Value container = evaluate(*node.children[0], frame);
            const Value index = evaluate(*node.children[1], frame);
            where = &node.where;
            return get_item(*this, container, index);
        }
        case ExpressionKind::Slice: {
            auto heap = std::make_shared<SliceValue>();
            if (node.children[0]) heap->start = evaluate(*node.children[0], frame);
            if (node.children[1]) heap->stop = evaluate(*node.children[1], frame);
            if (node.children[2]) heap->step = evaluate(*node.children[2], frame);
            return {ValueKind::Slice, std::move(heap)};
        }
        case ExpressionKind::Unary: {
            const Value operand = evaluate(*node.children[0], frame);
            where = &node.where;
            return unary(*this, node.op, operand);
        }
        case ExpressionKind::Binary: {
            const Value left = evaluate(*node.children[0], frame);
            const Value right = evaluate(*node.children[1], frame);
            where = &node.where;
            return binary(*this, node.op, left, right);
        }
        case ExpressionKind::BoolAnd:
        case ExpressionKind::BoolOr: {
            Value value;
            for (std::size_t i = 0; i < node.children.size(); ++i) {
                value = evaluate(*node.children[i], frame);
                if (i + 1 == node.children.size()) break;
                where = &node.children[i]->where;
                if (truth(value) != (node.kind == ExpressionKind::BoolAnd)) break;
            }
            return value;
        }
        case ExpressionKind::Compare: return evaluate_compare(node, frame);
        case ExpressionKind::Conditional: {
            const Value condition = evaluate(*node.children[0], frame);
            where = &node.children[0]->where;
            return evaluate(*node.children[truth(condition) ? 1 : 2], frame);
        }
        case ExpressionKind::List:
        case ExpressionKind::Tuple:
        case ExpressionKind::Set:
        case ExpressionKind::Dict: return evaluate_container(node, frame);
        case ExpressionKind::Lambda: return make_function(*node.function, frame);
        case ExpressionKind::ListComprehension:
        case ExpressionKind::SetComprehension:
        case ExpressionKind::DictComprehension: return evaluate_comprehension(node, frame);
        case ExpressionKind::JoinedText:
        case ExpressionKind::FormattedText: return evaluate_text(node, frame);
        case ExpressionKind::Walrus: {
            Value value = evaluate(*node.children[1], frame);
            store(*node.children[0], value, frame);
            note(node.where, node.children[0]->text, value);
            return value;
        }
        case ExpressionKind::Starred:
        case ExpressionKind::DoubleStarred: break;
    }
    where = &node.where;
    fail("A star cannot stand here.", "It unpacks a list in a call, a list or an assignment.");
}

Value Evaluation::evaluate_name(const Expression& node, Frame& frame) {
    const auto slot = static_cast<std::size_t>(node.slot);
    const Value* value = nullptr;
    switch (node.place) {
        case Place::Local:
            value = &frame.slots[slot];
            if (value->is(ValueKind::Cell)) value = &value->heap<Cell>().value;
            break;
        case Place::Free: value = &frame.function->cells[slot]->value; break;
        case Place::Global: value = &m_globals[slot]; break;
        case Place::Outside: value = &m_outside[slot]; break;
        case Place::Unresolved: break;
    }
    if (value == nullptr || value->is(ValueKind::Unbound)) unknown_name(node);
    return *value;
}

void Evaluation::unknown_name(const Expression& node) {
    where = &node.where;
    if (node.place == Place::Local)
        fail("The variable `" + node.text + "` is used before it has a value (UnboundLocalError).",
             "Assign it on every way to this line; a name assigned anywhere in a function is local to it.");
    if (node.place != Place::Outside) fail("The name `" + node.text + "` has no value yet.", "Assign it above this line.");
    std::vector<std::string_view> known;
    for (const auto& [name, value] : Library::instance().spaces().find("")->second.members) known.push_back(name);
    for (const auto& name : m_tree->top.locals) known.push_back(name);
    for (const auto& statement : m_tree->top.body)
        if (statement->function)
            for (const auto& name : statement->function->locals) known.push_back(name);
    if (m_host)
        for (const auto& function : *m_host) known.push_back(function.name);
    const std::string near = nearest_name(node.text, known);
    std::string hint = near.empty() ? "Assign it above, or take it as an argument of the function." : "Did you mean `" + near + "`?";
    if (node.text == "np" || node.text == "numpy") hint = "Use torch's functions of the same names.";
    fail("The name `" + node.text + "` is not known.", std::move(hint));
}

void Evaluation::gather_items(const Expression& node, Frame& frame, std::vector<Value>& items) {
    for (const auto& child : node.children) {
        if (child->kind != ExpressionKind::Starred) {
            items.push_back(evaluate(*child, frame));
            continue;
        }
        const Value source = evaluate(*child->children[0], frame);
        where = &child->where;
        std::vector<Value> inner = iterate(source);
        reserve_items(static_cast<std::int64_t>(items.size() + inner.size()));
        items.insert(items.end(), inner.begin(), inner.end());
    }
}

Value Evaluation::evaluate_container(const Expression& node, Frame& frame) {
    if (node.kind == ExpressionKind::List || node.kind == ExpressionKind::Tuple) {
        std::vector<Value> items;
        items.reserve(node.children.size());
        gather_items(node, frame, items);
        return node.kind == ExpressionKind::List ? list(std::move(items)) : tuple(std::move(items));
    }
    const auto check_key = [&](const Value& key, const Expression& from) {
        where = &from.where;
        if (!DictValue::can_be_key(key))
            fail("unhashable type: '" + std::string(key.type_name()) + "' cannot be a key.", "Use a number, a text or a tuple of these.");
    };
    if (node.kind == ExpressionKind::Set) {
        std::vector<Value> items;
        gather_items(node, frame, items);
        Value made = dict(ValueKind::Set);
        for (const Value& item : items) {
            check_key(item, node);
            made.heap<DictValue>().set(item, {});
        }
        recharge(made);
        return made;
    }
    Value made = dict();
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
        if (node.children[i]->kind == ExpressionKind::DoubleStarred) {
            const Value other = evaluate(*node.children[i]->children[0], frame);
            where = &node.children[i]->where;
            if (!other.is(ValueKind::Dict)) fail("** unpacks a dictionary, and this is " + described(other) + ".", "");
            for (const auto& [key, value] : other.pairs()) made.heap<DictValue>().set(key, value);
            continue;
        }
        const Value key = evaluate(*node.children[i], frame);
        check_key(key, *node.children[i]);
        made.heap<DictValue>().set(key, evaluate(*node.children[i + 1], frame));
    }
    where = &node.where;
    recharge(made);
    return made;
}

Value Evaluation::evaluate_compare(const Expression& node, Frame& frame) {
    Value left = evaluate(*node.children[0], frame);
    Value result;
    for (std::size_t i = 0; i < node.comparisons.size(); ++i) {
        Value right = evaluate(*node.children[i + 1], frame);
        where = &node.where;
        const Operator op = node.comparisons[i];
        switch (op) {
            case Operator::Is:
            case Operator::IsNot: {
                bool same = left.kind() == right.kind() && left.shared() == right.shared() && left.pointer() == right.pointer();
                if (left.is_tensor() && right.is_tensor())
                    same = left.as_tensor().is_same(right.as_tensor());
                else if (left.is(ValueKind::String) && right.is(ValueKind::String))
                    same = left.as_string() == right.as_string();
                result = Value(same == (op == Operator::Is));
                break;
            }
            case Operator::In:
            case Operator::NotIn: result = Value(contains(*this, right, left) == (op == Operator::In)); break;
            default: result = compare(*this, op, left, right);
        }
        if (i + 1 < node.comparisons.size() && !truth(result)) return result;
        left = std::move(right);
    }
    return result;
}

Value Evaluation::evaluate_call(const Expression& node, Frame& frame) {
    const Expression& callee = *node.children[0];
    std::vector<Value> arguments;
    arguments.reserve(node.children.size());
    Value function;
    const NativeFunction* native = nullptr;
    if (callee.kind == ExpressionKind::Attribute) {
        Value object = evaluate(*callee.children[0], frame);
        where = &callee.where;
        native = method_of(object, callee.text);
        if (native != nullptr)
            arguments.push_back(std::move(object));
        else
            function = attribute(*this, object, callee.text);
    } else {
        function = evaluate(callee, frame);
    }
    std::vector<Keyword> keywords;
    std::vector<Value> unpacked;  // keeps the keys of ** alive
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        const Expression& argument = *node.children[i];
        if (argument.kind == ExpressionKind::Starred) {
            const Value source = evaluate(*argument.children[0], frame);
            where = &argument.where;
            const std::vector<Value> items = iterate(source);
            reserve_items(static_cast<std::int64_t>(items.size()));
            arguments.insert(arguments.end(), items.begin(), items.end());
        } else if (argument.kind == ExpressionKind::DoubleStarred) {
            const Value source = evaluate(*argument.children[0], frame);
            where = &argument.where;
            if (!source.is(ValueKind::Dict)) fail("** unpacks a dictionary, and this is " + described(source) + ".", "");
            for (const auto& [key, value] : source.pairs()) {
                if (!key.is(ValueKind::String)) fail("The keys of ** must be names, and one is " + described(key) + ".", "");
                unpacked.push_back(key);
                keywords.push_back({unpacked.back().as_string(), value});
            }
        } else if (node.keywords[i - 1].empty()) {
            arguments.push_back(evaluate(argument, frame));
        } else {
            Value value = evaluate(argument, frame);
            keywords.push_back({node.keywords[i - 1], std::move(value)});
        }
    }
    where = &node.where;
    if (native != nullptr) return call_native(*this, *native, arguments, keywords);
    return call(function, arguments, keywords);
}

Value Evaluation::evaluate_comprehension(const Expression& node, Frame& frame) {
    Value made = node.kind == ExpressionKind::ListComprehension
                     ? list({})
                     : dict(node.kind == ExpressionKind::SetComprehension ? ValueKind::Set : ValueKind::Dict);
    comprehend(node, 0, frame, made);
    where = &node.where;
    recharge(made);
    return made;
}

void Evaluation::comprehend(const Expression& node, std::size_t clause, Frame& frame, const Value& made) {
    if (clause == node.clauses.size()) {
        Value item = evaluate(*node.children[0], frame);
        where = &node.where;
        if (made.is(ValueKind::List)) {
            auto& items = made.heap<ListValue>().items;
            items.push_back(std::move(item));
            if (items.size() % 1024 == 0) recharge(made);
            return;
        }
        if (!DictValue::can_be_key(item))
            fail("unhashable type: '" + std::string(item.type_name()) + "' cannot be a key.", "Use a number, a text or a tuple of these.");
        Value value;
        if (made.is(ValueKind::Dict)) value = evaluate(*node.children[1], frame);
        auto& dict_value = made.heap<DictValue>();
        dict_value.set(item, std::move(value));
        if (dict_value.pairs.size() % 256 == 0) recharge(made);
        return;
    }
    const ForClause& loop = node.clauses[clause];
    const Value source = evaluate(*loop.source, frame);
    where = &loop.source->where;
    each_item(source, [&](const Value& item) {
        assign(*loop.target, item, frame, false);
        for (const auto& condition : loop.conditions) {
            const Value wanted = evaluate(*condition, frame);
            where = &condition->where;
            if (!truth(wanted)) return true;
        }
        comprehend(node, clause + 1, frame, made);
        where = &loop.source->where;
        return true;
    });
}

Value Evaluation::evaluate_text(const Expression& node, Frame& frame) {
    if (node.kind == ExpressionKind::FormattedText) {
        Value value = evaluate(*node.children[0], frame);
        std::string spec;
        if (node.children.size() > 1) spec = evaluate(*node.children[1], frame).as_string();
        where = &node.where;
        if (node.text == "r" || node.text == "a")
            value = text(repr(value));
        else if (node.text == "s")
            value = text(str(value));
        return text(formatted(*this, value, spec));
    }
    std::string joined_text;
    for (const auto& child : node.children) {
        const Value part = evaluate(*child, frame);
        reserve_text(static_cast<std::int64_t>(joined_text.size() + part.as_string().size()));
        joined_text += part.as_string();
    }
    return text(std::move(joined_text));
}

Value Evaluation::make_function(const FunctionNode& node, Frame& frame) {
    auto function = std::make_shared<FunctionValue>();
    function->node = &node;
    function->tree = m_tree;
    function->defaults.reserve(node.parameters.size());
    for (const auto& parameter : node.parameters)
        function->defaults.push_back(parameter.default_value ? evaluate(*parameter.default_value, frame) : Value::unbound());
    for (const auto& capture : node.captures) {
        const auto index = static_cast<std::size_t>(capture.index);
        if (!capture.from_local)
            function->cells.push_back(frame.function->cells[index]);
        else
            function->cells.push_back(std::static_pointer_cast<Cell>(frame.slots[index].shared()));
    }
    return {ValueKind::Function, std::move(function)};
}

}  // namespace lossmith::engine::language
