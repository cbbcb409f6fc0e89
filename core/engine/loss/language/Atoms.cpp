// What stands between operators: constants, names, and all that is in brackets.
#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

#include "core/engine/loss/language/ExpressionParser.h"
#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Refusals.h"

namespace lossmith::engine::language {

ExpressionPointer ExpressionParser::atom() {
    const Token token = current();
    switch (token.kind) {
        case TokenKind::Int: {
            auto node = make(ExpressionKind::Constant, token.where);
            std::int64_t value = 0;
            std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
            node->constant = Value(value);
            take();
            return node;
        }
        case TokenKind::Float: {
            auto node = make(ExpressionKind::Constant, token.where);
            double value = 0;
            const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
            if (error == std::errc::result_out_of_range)
                value = token.text.find("e-") != std::string::npos ? 0.0 : std::numeric_limits<double>::infinity();
            node->constant = Value(value);
            take();
            return node;
        }
        case TokenKind::Text:
        case TokenKind::FormatText: return text();
        case TokenKind::Name: return name_atom();
        case TokenKind::Symbol: break;
        default: unexpected("a value");
    }
    if (token.text == "(") return parenthesis();
    if (token.text == "[") return list();
    if (token.text == "{") return braces();
    if (token.text == "...") {
        auto node = make(ExpressionKind::Constant, token.where);
        node->constant = Value::ellipsis();
        take();
        return node;
    }
    unexpected("a value");
}

ExpressionPointer ExpressionParser::name_atom() {
    const Token token = current();
    if (token.text == "None" || token.text == "True" || token.text == "False") {
        auto node = make(ExpressionKind::Constant, token.where);
        if (token.text != "None") node->constant = Value(token.text == "True");
        take();
        return node;
    }
    if (token.text == "yield" || token.text == "await" || token.text == "async") refuse_opening(token.text);
    if (is_keyword(token.text)) unexpected("a value");
    refuse_name(token.text, token.where);
    auto node = make(ExpressionKind::Name, token.where);
    node->text = take().text;
    return node;
}

ExpressionPointer ExpressionParser::parenthesis() {
    const Nest nest(*this);
    const SourceRange begin = current().where;
    take();
    if (take_symbol(")")) {
        auto tuple = make(ExpressionKind::Tuple, begin);
        return finish(std::move(tuple));
    }
    auto first = starred_or_named();
    ExpressionPointer node;
    if (is_word("for")) {
        node = comprehension(ExpressionKind::ListComprehension, std::move(first), nullptr);
    } else if (is_symbol(",")) {
        node = make(ExpressionKind::Tuple, begin);
        node->children.push_back(std::move(first));
        while (take_symbol(",")) {
            if (is_symbol(")")) break;
            node->children.push_back(starred_or_named());
        }
        node = finish(std::move(node));
    } else {
        if (first->kind == ExpressionKind::Starred) not_understood(first->where, "A star needs a comma beside it.", "Write (*items,).");
        node = std::move(first);
    }
    if (!is_symbol(")")) unexpected("`)`", "Is a comma or an operator missing?");
    take();
    node->parenthesized = true;
    node->where = from_to(begin, previous().where);
    return node;
}

ExpressionPointer ExpressionParser::list() {
    const Nest nest(*this);
    auto node = make(ExpressionKind::List, current().where);
    const SourceRange begin = node->where;
    take();
    if (!is_symbol("]")) {
        auto first = starred_or_named();
        if (is_word("for")) {
            node = comprehension(ExpressionKind::ListComprehension, std::move(first), nullptr);
            node->where = begin;
        } else {
            node->children.push_back(std::move(first));
            while (take_symbol(",")) {
                if (is_symbol("]")) break;
                node->children.push_back(starred_or_named());
            }
        }
    }
    if (!is_symbol("]")) unexpected("`,` or `]`", "Is a comma missing between two items?");
    take();
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::braces() {
    const Nest nest(*this);
    auto node = make(ExpressionKind::Dict, current().where);
    const SourceRange begin = node->where;
    take();
    bool first = true;
    while (!is_symbol("}")) {
        if (is_symbol("**")) {
            auto star = make(ExpressionKind::DoubleStarred, current().where);
            take();
            star->children.push_back(binary(1));
            node->children.push_back(finish(std::move(star)));
            node->children.push_back(nullptr);
        } else {
            auto key = starred_or_named();
            if (first && !is_symbol(":")) node->kind = ExpressionKind::Set;
            if (node->kind == ExpressionKind::Set) {
                if (first && is_word("for")) {
                    node = comprehension(ExpressionKind::SetComprehension, std::move(key), nullptr);
                    node->where = begin;
                    break;
                }
                node->children.push_back(std::move(key));
            } else {
                expect_symbol(":", "`:` between key and value");
                auto value = expression();
                if (first && is_word("for")) {
                    node = comprehension(ExpressionKind::DictComprehension, std::move(key), std::move(value));
                    node->where = begin;
                    break;
                }
                node->children.push_back(std::move(key));
                node->children.push_back(std::move(value));
            }
        }
        first = false;
        if (!take_symbol(",")) break;
    }
    if (!is_symbol("}")) unexpected("`,` or `}`", "Is a comma missing between two items?");
    take();
    return finish(std::move(node));
}

ExpressionPointer ExpressionParser::comprehension(ExpressionKind kind, ExpressionPointer item, ExpressionPointer value) {
    auto node = make(kind, item->where);
    node->children.push_back(std::move(item));
    if (value) node->children.push_back(std::move(value));
    while (take_word("for")) {
        ForClause clause;
        clause.target = target_list();
        check_target(*clause.target);
        if (!take_word("in")) unexpected("`in`");
        clause.source = disjunction();
        while (take_word("if")) {
            if (is_word("lambda"))
                clause.conditions.push_back(lambda());
            else
                clause.conditions.push_back(disjunction());
        }
        node->clauses.push_back(std::move(clause));
        if (node->clauses.size() > 8) not_understood(node->where, "This has too many `for`.", "Write loops.");
    }
    if (is_word("async")) refuse_opening("async");
    return finish(std::move(node));
}

}  // namespace lossmith::engine::language
