// The operators of the syntax, on tensors and on everything else.
#include <ATen/core/Tensor.h>
#include <ATen/ops/result_type.h>

#include <algorithm>

#include "core/engine/loss/language/OperatorFamily.h"

namespace lossmith::engine::language {
namespace {

// The families behind the syntax, looked up once.
const OperatorFamily& known(const char* name) {
    return *family(name);
}

struct SyntaxFamilies {
    const OperatorFamily& add = known("add");
    const OperatorFamily& sub = known("sub");
    const OperatorFamily& rsub = known("rsub");
    const OperatorFamily& mul = known("mul");
    const OperatorFamily& div = known("div");
    const OperatorFamily& reciprocal = known("reciprocal");
    const OperatorFamily& floor_divide = known("floor_divide");
    const OperatorFamily& remainder = known("remainder");
    const OperatorFamily& pow = known("pow");
    const OperatorFamily& matmul = *family("matmul", Memory::Matrix);
    const OperatorFamily& bit_and = known("bitwise_and");
    const OperatorFamily& bit_or = known("bitwise_or");
    const OperatorFamily& bit_xor = known("bitwise_xor");
    const OperatorFamily& left = known("bitwise_left_shift");
    const OperatorFamily& right = known("bitwise_right_shift");
    const OperatorFamily& eq = known("eq");
    const OperatorFamily& ne = known("ne");
    const OperatorFamily& lt = known("lt");
    const OperatorFamily& le = known("le");
    const OperatorFamily& gt = known("gt");
    const OperatorFamily& ge = known("ge");
    const OperatorFamily& neg = known("neg");
    const OperatorFamily& bit_not = known("bitwise_not");
};

const SyntaxFamilies& families() {
    static const SyntaxFamilies table;
    return table;
}

const OperatorFamily& family_of(Operator op) {
    const SyntaxFamilies& table = families();
    switch (op) {
        case Operator::Add: return table.add;
        case Operator::Subtract: return table.sub;
        case Operator::Multiply: return table.mul;
        case Operator::Divide: return table.div;
        case Operator::FloorDivide: return table.floor_divide;
        case Operator::Modulo: return table.remainder;
        case Operator::Power: return table.pow;
        case Operator::MatrixMultiply: return table.matmul;
        case Operator::And: return table.bit_and;
        case Operator::Or: return table.bit_or;
        case Operator::Xor: return table.bit_xor;
        case Operator::ShiftLeft: return table.left;
        case Operator::ShiftRight: return table.right;
        case Operator::Equal: return table.eq;
        case Operator::NotEqual: return table.ne;
        case Operator::Less: return table.lt;
        case Operator::LessEqual: return table.le;
        case Operator::Greater: return table.gt;
        case Operator::GreaterEqual: return table.ge;
        case Operator::Invert: return table.bit_not;
        default: return table.neg;
    }
}

Operator mirrored(Operator op) {
    switch (op) {
        case Operator::Less: return Operator::Greater;
        case Operator::LessEqual: return Operator::GreaterEqual;
        case Operator::Greater: return Operator::Less;
        case Operator::GreaterEqual: return Operator::LessEqual;
        default: return op;
    }
}

Value dispatch_two(Context& context, const OperatorFamily& with, const Value& left, const Value& right) {
    const Value pair[] = {left, right};
    return dispatch(context, with, pair, {});
}

[[noreturn]] void unsupported(const Context& context, Operator op, const Value& left, const Value& right) {
    std::string hint;
    if (left.is(ValueKind::None) || right.is(ValueKind::None))
        hint = "One side is None: does a function above forget its return?";
    else if (left.is_tensor() || right.is_tensor())
        hint = "Turn the other side into a tensor first: torch.tensor(…).";
    else if (left.is(ValueKind::String) || right.is(ValueKind::String))
        hint = "Turn the text into a number with float(), or the number into text with str().";
    context.fail("unsupported operand type(s) for " + std::string(symbol_of(op)) + ": '" + std::string(left.type_name()) + "' and '" +
                     std::string(right.type_name()) + "'.",
                 std::move(hint));
}

Value tensor_binary(Context& context, Operator op, const Value& left, const Value& right) {
    const bool left_tensor = left.is_tensor();
    const Value& other = left_tensor ? right : left;
    if (!other.is_tensor() && !other.is_number()) unsupported(context, op, left, right);
    if (left_tensor) return dispatch_two(context, family_of(op), left, right);
    switch (op) {
        case Operator::Subtract: return dispatch_two(context, families().rsub, right, left);
        case Operator::Divide: {
            const Value inverse = dispatch(context, families().reciprocal, {&right, 1}, {});
            return dispatch_two(context, families().mul, inverse, left);
        }
        case Operator::Add:
        case Operator::Multiply:
        case Operator::And:
        case Operator::Or:
        case Operator::Xor: return dispatch_two(context, family_of(op), right, left);
        case Operator::MatrixMultiply: unsupported(context, op, left, right);
        default: return dispatch_two(context, family_of(op), left, right);
    }
}

// One level of containers within containers; too many are refused before the stack ends.
struct Level {
    explicit Level(Context& owner) : context(owner) {
        if (++context.nesting > 200) {
            --context.nesting;
            context.fail(LossFault::Memory, "These lists are nested too deeply to be compared.", "Compare their items.");
        }
    }
    ~Level() { --context.nesting; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Context& context;
};

}  // namespace

Value binary(Context& context, Operator op, const Value& left, const Value& right) {
    context.step();
    if (left.is_number() && right.is_number()) {
        Value result = binary_number(context, op, left, right);
        if (result.is(ValueKind::Unbound)) unsupported(context, op, left, right);
        return result;
    }
    if (left.is_tensor() || right.is_tensor()) {
        Value result = tensor_binary(context, op, left, right);
        if (context.observer != nullptr) {
            const Value pair[] = {left, right};
            context.observe(family_of(op).name, pair, result);
        }
        return result;
    }
    Value result = binary_sequence(context, op, left, right);
    if (result.is(ValueKind::Unbound)) unsupported(context, op, left, right);
    return result;
}

Value binary_in_place(Context& context, Operator op, const Value& left, const Value& right) {
    if (left.is(ValueKind::List) && op == Operator::Add) {
        std::vector<Value> items = context.iterate(right);
        auto& list = left.heap<ListValue>();
        context.reserve_items(static_cast<std::int64_t>(list.items.size() + items.size()));
        for (const Value& item : items) context.refuse_cycle(left, item);
        list.items.insert(list.items.end(), items.begin(), items.end());
        context.recharge(left);
        return left;
    }
    if (!left.is_tensor() || op == Operator::MatrixMultiply) return binary(context, op, left, right);
    if (!right.is_tensor() && !right.is_number()) unsupported(context, op, left, right);
    context.step();
    const std::string name = family_of(op).name + "_";
    const OperatorFamily* in_place = family(name);
    if (in_place == nullptr) return binary(context, op, left, right);
    Value result = dispatch_two(context, *in_place, left, right);
    if (context.observer != nullptr) {
        const Value pair[] = {left, right};
        context.observe(name, pair, result);
    }
    return result;
}

Value unary(Context& context, Operator op, const Value& operand) {
    context.step();
    if (op == Operator::Not) return {!context.truth(operand)};
    if (operand.is_tensor()) {
        if (op == Operator::Positive) return operand;
        Value result = dispatch(context, family_of(op), {&operand, 1}, {});
        context.observe(family_of(op).name, {&operand, 1}, result);
        return result;
    }
    if (operand.is_number()) {
        if (op == Operator::Invert) {
            if (!operand.is_integral()) context.fail("bad operand type for unary ~: 'float'.", "~ turns whole numbers and masks round.");
            return {~operand.as_int()};
        }
        if (op == Operator::Positive) return operand.is(ValueKind::Bool) ? Value(operand.as_int()) : operand;
        if (operand.is(ValueKind::Float)) return {-operand.as_float()};
        return binary_number(context, Operator::Subtract, Value(0), operand);
    }
    context.fail("bad operand type for unary " + std::string(symbol_of(op)) + ": '" + std::string(operand.type_name()) + "'.", "");
}

bool equal(Context& context, const Value& left, const Value& right) {
    context.step();
    const Level level(context);
    if (left.is_tensor() || right.is_tensor()) {
        if (left.is_tensor() && right.is_tensor() && &left.as_tensor() == &right.as_tensor()) return true;
        return context.truth(compare(context, Operator::Equal, left, right));
    }
    if (left.is_number() && right.is_number()) return compare_number(Operator::Equal, left, right);
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
        case ValueKind::None:
        case ValueKind::Ellipsis: return true;
        case ValueKind::String: return left.as_string() == right.as_string();
        case ValueKind::List:
        case ValueKind::Tuple: {
            if (left.shared() == right.shared()) return true;
            const auto& a = left.items();
            const auto& b = right.items();
            if (a.size() != b.size()) return false;
            for (std::size_t i = 0; i < a.size(); ++i)
                if (!equal(context, a[i], b[i])) return false;
            return true;
        }
        case ValueKind::Dict:
        case ValueKind::Set: {
            const auto& a = left.heap<DictValue>();
            const auto& b = right.heap<DictValue>();
            if (a.pairs.size() != b.pairs.size()) return false;
            for (const auto& [key, item] : a.pairs) {
                const Value* other = b.find(key);
                if (other == nullptr || !equal(context, item, *other)) return false;
            }
            return true;
        }
        case ValueKind::Dtype: return left.as_dtype() == right.as_dtype();
        case ValueKind::Device: return str(left) == str(right);
        case ValueKind::Range:
            return left.heap<RangeValue>().start == right.heap<RangeValue>().start &&
                   left.heap<RangeValue>().size() == right.heap<RangeValue>().size() &&
                   left.heap<RangeValue>().step == right.heap<RangeValue>().step;
        default: return left.shared() == right.shared() && left.pointer() == right.pointer();
    }
}

Value compare(Context& context, Operator op, const Value& left, const Value& right) {
    context.step();
    if (left.is_number() && right.is_number()) return {compare_number(op, left, right)};
    const bool equality = op == Operator::Equal || op == Operator::NotEqual;
    if (left.is_tensor() || right.is_tensor()) {
        const Value& other = left.is_tensor() ? right : left;
        if (!other.is_tensor() && !other.is_number()) {
            if (equality) return {op == Operator::NotEqual};
            unsupported(context, op, left, right);
        }
        const Operator used = left.is_tensor() ? op : mirrored(op);
        Value result =
            left.is_tensor() ? dispatch_two(context, family_of(used), left, right) : dispatch_two(context, family_of(used), right, left);
        if (context.observer != nullptr) {
            const Value pair[] = {left, right};
            context.observe(family_of(op).name, pair, result);
        }
        return result;
    }
    if (equality) return {equal(context, left, right) == (op == Operator::Equal)};
    if (left.is(ValueKind::String) && right.is(ValueKind::String)) {
        const int order = left.as_string().compare(right.as_string());
        return {compare_number(op, Value(order), Value(0))};
    }
    if (left.is_sequence() && left.kind() == right.kind()) {
        const Level level(context);
        const auto& a = left.items();
        const auto& b = right.items();
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            if (!equal(context, a[i], b[i])) return compare(context, op, a[i], b[i]);
        return {compare_number(op, Value(a.size()), Value(b.size()))};
    }
    if (left.is(ValueKind::Set) && right.is(ValueKind::Set)) {
        const bool less = op == Operator::Less || op == Operator::LessEqual;
        const auto& small = (less ? left : right).heap<DictValue>();
        const auto& large = (less ? right : left).heap<DictValue>();
        const bool within = std::ranges::all_of(small.pairs, [&](const auto& pair) { return large.find(pair.first) != nullptr; });
        const bool strict = op == Operator::Less || op == Operator::Greater;
        return {within && (!strict || small.pairs.size() < large.pairs.size())};
    }
    context.fail("'" + std::string(symbol_of(op)) + "' not supported between '" + std::string(left.type_name()) + "' and '" +
                     std::string(right.type_name()) + "'.",
                 "Both sides must be of one kind.");
}

bool contains(Context& context, const Value& container, const Value& item) {
    switch (container.kind()) {
        case ValueKind::String:
            if (!item.is(ValueKind::String))
                context.fail("'in <string>' requires string as left operand, not " + std::string(item.type_name()) + ".",
                             "Turn it into text with str().");
            context.step(static_cast<std::int64_t>(container.as_string().size() / 64));
            return container.as_string().find(item.as_string()) != std::string::npos;
        case ValueKind::List:
        case ValueKind::Tuple: return std::ranges::any_of(container.items(), [&](const Value& one) { return equal(context, one, item); });
        case ValueKind::Dict:
        case ValueKind::Set:
            if (item.is_tensor()) return contains(context, container, item_of(context, item, "item"));
            return DictValue::can_be_key(item) && container.heap<DictValue>().find(item) != nullptr;
        case ValueKind::Range: {
            if (!item.is_number()) return false;
            const auto& range = container.heap<RangeValue>();
            const double number = item.as_float();
            if (number != static_cast<double>(static_cast<std::int64_t>(number))) return false;
            const auto whole_number = static_cast<std::int64_t>(number);
            const bool inside = range.step > 0 ? whole_number >= range.start && whole_number < range.stop
                                               : whole_number <= range.start && whole_number > range.stop;
            return inside && (whole_number - range.start) % range.step == 0;
        }
        case ValueKind::Tensor: {
            const Value same = compare(context, Operator::Equal, container, item);
            return same.is_tensor() ? context.truth(op(context, "any", {same})) : context.truth(same);
        }
        default: context.fail("argument of type '" + std::string(container.type_name()) + "' is not iterable: nothing can be `in` it.", "");
    }
}

}  // namespace lossmith::engine::language
