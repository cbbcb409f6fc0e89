#include "core/engine/loss/language/TokenCursor.h"

#include <array>
#include <utility>

#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Refusals.h"

namespace lossmith::engine::language {
namespace {

constexpr int kNesting = 80;  // of the parser's own recursion

constexpr std::array<std::string_view, 35> kKeywords = {
    "False",  "None",     "True", "and",    "as",      "assert", "async",  "await",  "break", "class",  "continue", "def",
    "del",    "elif",     "else", "except", "finally", "for",    "from",   "global", "if",    "import", "in",       "is",
    "lambda", "nonlocal", "not",  "or",     "pass",    "raise",  "return", "try",    "while", "with",   "yield"};

std::string shown(const Token& token) {
    switch (token.kind) {
        case TokenKind::NewLine: return "the end of the line";
        case TokenKind::End: return "the end of the text";
        case TokenKind::Indent: return "an indented line";
        case TokenKind::Dedent: return "the end of the block";
        case TokenKind::Text:
        case TokenKind::FormatText: return "a string";
        default: return "`" + token.text.substr(0, 40) + "`";
    }
}

}  // namespace

SourceRange from_to(const SourceRange& first, const SourceRange& last) {
    return {first.line, first.column, last.end_line, last.end_column};
}

bool is_keyword(std::string_view word) {
    return std::ranges::find(kKeywords, word) != kKeywords.end();
}

TokenCursor::Nest::Nest(TokenCursor& cursor) : m_cursor(cursor) {
    if (++cursor.m_nesting > kNesting)
        not_understood(cursor.current().where, "This is nested too deeply.", "Give the inner parts names of their own.");
}

TokenCursor::Inside::Inside(TokenCursor& cursor, std::string source, const SourceRange& where)
    : m_cursor(cursor),
      m_source(std::exchange(cursor.m_source, std::move(source))),
      m_tokens(std::exchange(cursor.m_tokens, tokens_of(cursor.m_source, where.line, where.column, true))),
      m_at(std::exchange(cursor.m_at, 0)) {}

TokenCursor::Inside::~Inside() {
    m_cursor.m_source = std::move(m_source);
    m_cursor.m_tokens = std::move(m_tokens);
    m_cursor.m_at = m_at;
}

TokenCursor::TokenCursor(std::string source) : m_source(std::move(source)), m_tokens(tokens_of(m_source)) {}

bool TokenCursor::take_symbol(std::string_view text) {
    if (!is_symbol(text)) return false;
    take();
    return true;
}

bool TokenCursor::take_word(std::string_view text) {
    if (!is_word(text)) return false;
    take();
    return true;
}

void TokenCursor::unexpected(const std::string& wanted, std::string hint) {
    not_understood(current().where, "Expected " + wanted + ", but here is " + shown(current()) + ".", std::move(hint));
}

void TokenCursor::expect_symbol(std::string_view text, const char* wanted) {
    if (!take_symbol(text)) unexpected(wanted != nullptr ? wanted : "`" + std::string(text) + "`");
}

std::string TokenCursor::name(const char* wanted) {
    if (!is(TokenKind::Name)) unexpected(wanted);
    if (is_keyword(current().text))
        not_understood(current().where, "`" + current().text + "` is a word of Python's own and cannot be a name.", "Choose another name.");
    return take().text;
}

void TokenCursor::refuse_opening(const std::string& word) {
    const Token& next = ahead(1);
    const bool soft = word == "match" || word == "type" || word == "case" || word == "self" || word == "super" || word == "exec";
    if (soft && !(next.kind == TokenKind::Name && !is_keyword(next.text))) return;
    if (soft && (word == "self" || word == "super")) return;
    const std::size_t begin = current().begin;
    refuse_statement(word, std::string_view(m_source).substr(std::min(begin + word.size(), m_source.size())), current().where);
}

}  // namespace lossmith::engine::language
