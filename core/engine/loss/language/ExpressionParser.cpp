#include "core/engine/loss/language/ExpressionParser.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Refusals.h"

namespace lossmith::engine::language {
namespace {

constexpr int kTreeDepth = 150;  // of an expression

struct BinarySymbol {
    std::string_view symbol;
    Operator op;
    int precedence;
};

constexpr std::array<BinarySymbol, 12> kBinary = {{{"|", Operator::Or, 1},
                                                   {"^", Operator::Xor, 2},
                                                   {"&", Operator::And, 3},
                                                   {"<<", Operator::ShiftLeft, 4},
                                                   {">>", Operator::ShiftRight, 4},
                                                   {"+", Operator::Add, 5},
                                                   {"-", Operator::Subtract, 5},
                                                   {"*", Operator::Multiply, 6},
                                                   {"/", Operator::Divide, 6},
                                                   {"//", Operator::FloorDivide, 6},
                                                   {"%", Operator::Modulo, 6},
                                                   {"@", Operator::MatrixMultiply, 6}}};

const BinarySymbol* binary_symbol(std::string_view symbol) {
    const auto found = std::ranges::find(kBinary, symbol, &BinarySymbol::symbol);
    return found == kBinary.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Operator> binary_operator(std::string_view symbol) {
    const BinarySymbol* found = binary_symbol(symbol);
    return found == nullptr ? std::nullopt : std::optional(found->op);
}

void ExpressionParser::record(const Expression& target) {
    if (target.kind == ExpressionKind::Name) {
        m_functions.back()->assigned.push_back(target.text);
    } else if (target.kind == ExpressionKind::Tuple || target.kind == ExpressionKind::List || target.kind == ExpressionKind::Starred) {
        for (const auto& child : target.children) record(*child);
    }
}

void ExpressionParser::check_target(const Expression& target, bool inside) {
    switch (target.kind) {
        case ExpressionKind::Name:
        case ExpressionKind::Subscript: return;
        case ExpressionKind::Tuple:
        case ExpressionKind::List: {
            int starred = 0;
            for (const auto& child : target.children) {
                starred += child->kind == ExpressionKind::Starred;
                check_target(*child, true);
            }
            if (starred > 1)
                not_understood(target.where, "Only one name of an assignment may have a star.", "Unpack the rest in a second line.");
            return;
        }
        case ExpressionKind::Starred:
            if (!inside) not_understood(target.where, "A starred name needs others beside it.", "Write `first, *rest = …`.");
            return check_target(*target.children.front());
        case ExpressionKind::Attribute:
            deny(target.where, "Attributes cannot be assigned in the loss language.", "Keep the value in a variable of its own.");
        case ExpressionKind::Constant: not_understood(target.where, "A constant cannot be assigned to.", "Did you mean == ?");
        default: not_understood(target.where, "This cannot be assigned to.", "Left of = stands a name, names with commas, or x[index].");
    }
}

ExpressionPointer ExpressionParser::make(ExpressionKind kind, const SourceRange& where) {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->where = where;
    return node;
}

ExpressionPointer ExpressionParser::finish(ExpressionPointer node) {
    node->where = from_to(node->where, previous().where);
    int deepest = 0;
    for (const auto& child : node->children)
        if (child) deepest = std::max(deepest, child->depth);
    for (const auto& clause : node->clauses) {
        deepest = std::max({deepest, clause.target->depth, clause.source->depth});
        for (const auto& condition : clause.conditions) deepest = std::max(deepest, condition->depth);
    }
    if (node->function && node->function->expression) deepest = std::max(deepest, node->function->expression->depth);
    node->depth = deepest + 1;
    if (node->depth > kTreeDepth)
        not_understood(node->where, "This expression is nested too deeply.", "Give its parts names of their own, a line each.");
    return node;
}

void ExpressionParser::parameters(FunctionNode& function, std::string_view end, bool annotated) {
    bool keyword_only = false;
    bool defaults = false;
    std::set<std::string> seen;
    while (!is_symbol(end)) {
        ParameterNode parameter;
        parameter.where = current().where;
        if (take_symbol("**")) {
            parameter.kind = ParameterNode::Kind::DoubleStar;
        } else if (take_symbol("*")) {
            if (keyword_only) not_understood(parameter.where, "Only one parameter may have a star.");
            keyword_only = true;
            if (is_symbol(",")) {
                take();
                continue;
            }
            parameter.kind = ParameterNode::Kind::Star;
        } else if (take_symbol("/")) {
            if (!take_symbol(",")) break;
            continue;
        } else {
            parameter.kind = keyword_only ? ParameterNode::Kind::KeywordOnly : ParameterNode::Kind::Plain;
        }
        parameter.name = name("a parameter's name");
        refuse_name(parameter.name, previous().where);
        if (parameter.name == "self")
            deny(previous().where, "`self` belongs to a class, and a typed loss is a function.",
                 "Leave self out, and make what it holds a parameter with a default.");
        if (!seen.insert(parameter.name).second)
            not_understood(previous().where, "The parameter `" + parameter.name + "` stands here twice.", "Rename one.");
        if (function.parameters.size() >= 100) not_understood(previous().where, "This function has too many parameters.");
        if (annotated && take_symbol(":")) {
            const std::size_t begin = current().begin;
            (void)expression();
            std::string text = source_from(begin);
            while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t')) text.pop_back();
            parameter.annotation = std::move(text);
        }
        if (is_symbol("=")) {
            take();
            if (parameter.kind == ParameterNode::Kind::Star || parameter.kind == ParameterNode::Kind::DoubleStar)
                not_understood(parameter.where, "A starred parameter cannot have a default.");
            parameter.default_value = expression();
            defaults = true;
        } else if (defaults && parameter.kind == ParameterNode::Kind::Plain) {
            not_understood(parameter.where, "The parameter `" + parameter.name + "` has no default but follows one that has.",
                           "Move it before the others or give it a default.");
        }
        parameter.where = from_to(parameter.where, previous().where);
        const bool last = parameter.kind == ParameterNode::Kind::DoubleStar;
        function.parameters.push_back(std::move(parameter));
        if (!take_symbol(",") || last) break;
    }
}

ExpressionPointer ExpressionParser::expression_list(bool starred) {
    const SourceRange begin = current().where;
    auto first = starred ? starred_or_named() : named_expression();
    if (!is_symbol(",")) {
        return first;
    }
    auto tuple = make(ExpressionKind::Tuple, begin);
    tuple->children.push_back(std::move(first));
    while (take_symbol(",")) {
        if (ends_list()) break;
        tuple->children.push_back(starred_or_named());
    }
    return finish(std::move(tuple));
}

bool ExpressionParser::ends_list() const {
    if (is(TokenKind::NewLine) || is(TokenKind::End)) return true;
    if (is(TokenKind::Symbol))
        return current().text == ")" || current().text == "]" || current().text == "}" || current().text == "=" || current().text == ":" ||
               current().text == ";";
    return is_word("in");
}

ExpressionPointer ExpressionParser::starred() {
    auto node = make(ExpressionKind::Starred, current().where);
    take();
    node->children.push_back(binary(1));
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::starred_or_named() {
    return is_symbol("*") ? starred() : named_expression();
}

ExpressionPointer ExpressionParser::target_list() {
    const SourceRange begin = current().where;
    const auto one = [&] { return is_symbol("*") ? starred() : binary(1); };
    auto first = one();
    if (!is_symbol(",")) return first;
    auto tuple = make(ExpressionKind::Tuple, begin);
    tuple->children.push_back(std::move(first));
    while (take_symbol(",")) {
        if (is_word("in")) break;
        tuple->children.push_back(one());
    }
    return finish(std::move(tuple));
}

ExpressionPointer ExpressionParser::named_expression() {
    if (is(TokenKind::Name) && ahead(1).kind == TokenKind::Symbol && ahead(1).text == ":=") {
        auto node = make(ExpressionKind::Walrus, current().where);
        auto target = make(ExpressionKind::Name, current().where);
        target->text = name("a name");
        refuse_name(target->text, target->where);
        record(*target);
        take();
        node->children.push_back(std::move(target));
        node->children.push_back(expression());
        return finish(std::move(node));
    }
    return expression();
}

ExpressionPointer ExpressionParser::expression() {
    const Nest nest(*this);
    if (is_word("lambda")) return lambda();
    auto value = disjunction();
    if (!is_word("if")) return value;
    auto node = make(ExpressionKind::Conditional, value->where);
    take();
    auto test = disjunction();
    if (!take_word("else")) unexpected("`else`", "A conditional expression is `a if condition else b`.");
    auto otherwise = expression();
    node->children.push_back(std::move(test));
    node->children.push_back(std::move(value));
    node->children.push_back(std::move(otherwise));
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::lambda() {
    auto node = make(ExpressionKind::Lambda, current().where);
    take();
    node->function = std::make_unique<FunctionNode>();
    node->function->name = "<lambda>";
    enter(*node->function);
    parameters(*node->function, ":", false);
    expect_symbol(":");
    node->function->expression = expression();
    leave();
    node = finish(std::move(node));
    node->function->where = node->where;
    return node;
}

ExpressionPointer ExpressionParser::disjunction() {
    return boolean("or", ExpressionKind::BoolOr, [this] { return conjunction(); });
}

ExpressionPointer ExpressionParser::conjunction() {
    return boolean("and", ExpressionKind::BoolAnd, [this] { return negation(); });
}

template <typename Inner>
ExpressionPointer ExpressionParser::boolean(std::string_view word, ExpressionKind kind, Inner inner) {
    auto first = inner();
    if (!is_word(word)) return first;
    auto node = make(kind, first->where);
    node->children.push_back(std::move(first));
    while (take_word(word)) node->children.push_back(inner());
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::negation() {
    if (!is_word("not")) return comparison();
    const Nest nest(*this);
    auto node = make(ExpressionKind::Unary, current().where);
    node->op = Operator::Not;
    take();
    node->children.push_back(negation());
    return finish(std::move(node));
}

std::optional<Operator> ExpressionParser::comparison_operator() {
    if (is(TokenKind::Symbol)) {
        const std::string& text = current().text;
        std::optional<Operator> op;
        if (text == "==")
            op = Operator::Equal;
        else if (text == "!=")
            op = Operator::NotEqual;
        else if (text == "<")
            op = Operator::Less;
        else if (text == "<=")
            op = Operator::LessEqual;
        else if (text == ">")
            op = Operator::Greater;
        else if (text == ">=")
            op = Operator::GreaterEqual;
        if (op) take();
        return op;
    }
    if (take_word("in")) return Operator::In;
    if (take_word("is")) return take_word("not") ? Operator::IsNot : Operator::Is;
    if (is_word("not") && ahead(1).kind == TokenKind::Name && ahead(1).text == "in") {
        take();
        take();
        return Operator::NotIn;
    }
    return std::nullopt;
}

ExpressionPointer ExpressionParser::comparison() {
    auto first = binary(1);
    auto op = comparison_operator();
    if (!op) return first;
    auto node = make(ExpressionKind::Compare, first->where);
    node->children.push_back(std::move(first));
    while (op) {
        node->comparisons.push_back(*op);
        node->children.push_back(binary(1));
        op = comparison_operator();
    }
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::binary(int lowest) {
    auto left = unary();
    while (is(TokenKind::Symbol)) {
        const BinarySymbol* found = binary_symbol(current().text);
        if (found == nullptr || found->precedence < lowest) break;
        auto node = make(ExpressionKind::Binary, left->where);
        node->op = found->op;
        take();
        node->children.push_back(std::move(left));
        node->children.push_back(binary(found->precedence + 1));
        left = finish(std::move(node));
    }
    return left;
}

ExpressionPointer ExpressionParser::unary() {
    if (is_symbol("-") || is_symbol("+") || is_symbol("~")) {
        const Nest nest(*this);
        auto node = make(ExpressionKind::Unary, current().where);
        node->op = current().text == "-" ? Operator::Negate : current().text == "+" ? Operator::Positive : Operator::Invert;
        take();
        auto operand = unary();
        if (node->op == Operator::Negate && operand->kind == ExpressionKind::Constant && !operand->parenthesized &&
            (operand->constant.is(ValueKind::Int) || operand->constant.is(ValueKind::Float))) {
            operand->constant =
                operand->constant.is(ValueKind::Int) ? Value(-operand->constant.as_int()) : Value(-operand->constant.as_float());
            operand->where = from_to(node->where, operand->where);
            return operand;
        }
        node->children.push_back(std::move(operand));
        return finish(std::move(node));
    }
    auto base = postfix();
    if (!is_symbol("**")) return base;
    const Nest nest(*this);
    auto node = make(ExpressionKind::Binary, base->where);
    node->op = Operator::Power;
    take();
    node->children.push_back(std::move(base));
    node->children.push_back(unary());
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::postfix() {
    auto value = atom();
    while (is(TokenKind::Symbol)) {
        if (is_symbol("(")) {
            value = call(std::move(value));
        } else if (is_symbol("[")) {
            auto node = make(ExpressionKind::Subscript, value->where);
            take();
            node->children.push_back(std::move(value));
            node->children.push_back(subscript());
            expect_symbol("]", "`]`");
            value = finish(std::move(node));
        } else if (is_symbol(".")) {
            auto node = make(ExpressionKind::Attribute, value->where);
            take();
            if (!is(TokenKind::Name)) unexpected("a name after the dot");
            node->text = take().text;
            if (node->text.starts_with("__")) refuse_name(node->text, previous().where);
            node->children.push_back(std::move(value));
            value = finish(std::move(node));
        } else {
            break;
        }
    }
    return value;
}

ExpressionPointer ExpressionParser::call(ExpressionPointer callee) {
    const Nest nest(*this);
    auto node = make(ExpressionKind::Call, callee->where);
    take();
    node->children.push_back(std::move(callee));
    bool keyword_seen = false;
    while (!is_symbol(")")) {
        std::string keyword;
        ExpressionPointer argument;
        if (is_symbol("*") || is_symbol("**")) {
            argument = make(current().text == "*" ? ExpressionKind::Starred : ExpressionKind::DoubleStarred, current().where);
            keyword_seen = keyword_seen || current().text == "**";
            take();
            argument->children.push_back(expression());
            argument = finish(std::move(argument));
        } else if (is(TokenKind::Name) && ahead(1).kind == TokenKind::Symbol && ahead(1).text == "=") {
            const SourceRange where = current().where;
            keyword = name("an argument's name");
            if (std::ranges::find(node->keywords, keyword) != node->keywords.end())
                not_understood(where, "The argument `" + keyword + "` is given twice.", "Remove one.");
            take();
            argument = expression();
            keyword_seen = true;
        } else {
            argument = named_expression();
            if (is_word("for")) argument = comprehension(ExpressionKind::ListComprehension, std::move(argument), nullptr);
            if (keyword_seen)
                not_understood(argument->where, "A plain argument follows one given by name.", "Put it before those given by name.");
        }
        node->children.push_back(std::move(argument));
        node->keywords.push_back(std::move(keyword));
        if (!take_symbol(",")) break;
    }
    if (!is_symbol(")")) unexpected("`,` or `)`", "Is a comma missing between two arguments?");
    take();
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::subscript() {
    const SourceRange begin = current().where;
    auto first = slice_or_expression();
    if (!is_symbol(",")) return first;
    auto tuple = make(ExpressionKind::Tuple, begin);
    tuple->children.push_back(std::move(first));
    while (take_symbol(",")) {
        if (is_symbol("]")) break;
        tuple->children.push_back(slice_or_expression());
    }
    return finish(std::move(tuple));
}

ExpressionPointer ExpressionParser::slice_or_expression() {
    const SourceRange begin = current().where;
    ExpressionPointer start;
    if (!is_symbol(":")) {
        start = starred_or_named();
        if (!is_symbol(":")) return start;
    }
    auto node = make(ExpressionKind::Slice, begin);
    take();
    ExpressionPointer stop;
    ExpressionPointer step;
    const auto ends = [&] { return is_symbol(",") || is_symbol("]") || is_symbol(":"); };
    if (!ends()) stop = expression();
    if (take_symbol(":") && !ends()) step = expression();
    node->children.push_back(std::move(start));
    node->children.push_back(std::move(stop));
    node->children.push_back(std::move(step));
    return finish(std::move(node));
}

}  // namespace lossmith::engine::language
