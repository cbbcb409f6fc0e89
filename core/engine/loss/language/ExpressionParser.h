// Expressions of the loss language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/loss/language/TokenCursor.h"

namespace lossmith::engine::language {

/// The operator that `symbol` stands for between two operands ("+", "//", "@", …), but for **, which binds to the right.
[[nodiscard]] std::optional<Operator> binary_operator(std::string_view symbol);

class ExpressionParser : public TokenCursor {
protected:
    /// Names that are assigned at the outermost level are recorded in `top`.
    ExpressionParser(std::string source, FunctionNode& top) : TokenCursor(std::move(source)), m_functions{&top} {}

    /// `a, b` is a tuple; stars are allowed where `starred` says so.
    ExpressionPointer expression_list(bool starred = true);
    /// The names of a for: no comparison, since `in` ends them.
    ExpressionPointer target_list();
    ExpressionPointer named_expression();
    ExpressionPointer expression();

    [[nodiscard]] static ExpressionPointer make(ExpressionKind kind, const SourceRange& where);
    /// Records the names that are assigned where `target` is in the function that is being read.
    void record(const Expression& target);
    /// Refuses what cannot stand left of a =. `inside`: among others, where one of them may have a star.
    void check_target(const Expression& target, bool inside = false);

    /// Up to the symbol `end`, which it leaves. `annotated`: each may have its type behind a colon.
    void parameters(FunctionNode& function, std::string_view end, bool annotated);
    /// What is assigned from now on is the function's own.
    void enter(FunctionNode& function) { m_functions.push_back(&function); }
    void leave() { m_functions.pop_back(); }
    [[nodiscard]] bool within_function() const { return m_functions.size() > 1; }

private:
    /// Ends the node at the token before the current one and checks how deep its tree is.
    ExpressionPointer finish(ExpressionPointer node);

    [[nodiscard]] bool ends_list() const;
    ExpressionPointer starred();
    ExpressionPointer starred_or_named();
    ExpressionPointer lambda();
    ExpressionPointer disjunction();
    ExpressionPointer conjunction();
    template <typename Inner>
    ExpressionPointer boolean(std::string_view word, ExpressionKind kind, Inner inner);
    ExpressionPointer negation();
    std::optional<Operator> comparison_operator();
    ExpressionPointer comparison();
    ExpressionPointer binary(int lowest);
    ExpressionPointer unary();
    ExpressionPointer postfix();
    ExpressionPointer call(ExpressionPointer callee);
    ExpressionPointer subscript();
    ExpressionPointer slice_or_expression();

    // Atoms.cpp
    ExpressionPointer atom();
    ExpressionPointer name_atom();
    ExpressionPointer parenthesis();
    ExpressionPointer list();
    ExpressionPointer braces();
    ExpressionPointer comprehension(ExpressionKind kind, ExpressionPointer item, ExpressionPointer value);

    // FormatText.cpp: strings; neighbours are joined, formats are taken apart
    ExpressionPointer text();
    /// What was gathered as it stands becomes a part of `joined`.
    static void end_plain(std::string& plain, Expression& joined);
    void format_parts(const Token& token, std::string_view text, int line, int column, Expression& joined, std::string& plain, int level);
    ExpressionPointer fragment(std::string_view source, const SourceRange& where);

    std::vector<FunctionNode*> m_functions;
};

}  // namespace lossmith::engine::language
