// Where a parser stands in its tokens.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/loss/language/Lexer.h"
#include "core/engine/loss/language/SyntaxTree.h"

namespace lossmith::engine::language {

/// From the beginning of `first` to the end of `last`.
[[nodiscard]] SourceRange from_to(const SourceRange& first, const SourceRange& last);

/// Whether Python keeps this word to itself.
[[nodiscard]] bool is_keyword(std::string_view word);

/// What it refuses, it refuses by throwing a Fault.
class TokenCursor {
protected:
    explicit TokenCursor(std::string source);

    /// One level of the parser's recursion; too many are refused before the stack ends.
    class Nest {
    public:
        explicit Nest(TokenCursor& cursor);
        ~Nest() { --m_cursor.m_nesting; }
        Nest(const Nest&) = delete;
        Nest& operator=(const Nest&) = delete;

    private:
        TokenCursor& m_cursor;
    };

    /// While it lives, the cursor stands in another text: an expression between the braces of an f-string, which begins at `where`.
    class Inside {
    public:
        Inside(TokenCursor& cursor, std::string source, const SourceRange& where);
        ~Inside();
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;

    private:
        TokenCursor& m_cursor;
        std::string m_source;
        std::vector<Token> m_tokens;
        std::size_t m_at;
    };

    [[nodiscard]] const Token& current() const { return m_tokens[m_at]; }
    [[nodiscard]] const Token& previous() const { return m_tokens[m_at == 0 ? 0 : m_at - 1]; }
    [[nodiscard]] const Token& ahead(std::size_t count) const { return m_tokens[std::min(m_at + count, m_tokens.size() - 1)]; }
    [[nodiscard]] bool is(TokenKind kind) const { return current().kind == kind; }
    [[nodiscard]] bool is_symbol(std::string_view text) const { return is(TokenKind::Symbol) && current().text == text; }
    [[nodiscard]] bool is_word(std::string_view text) const { return is(TokenKind::Name) && current().text == text; }
    const Token& take() { return m_tokens[m_at + 1 < m_tokens.size() ? m_at++ : m_at]; }

    /// Takes it where it stands here, and says whether it did.
    bool take_symbol(std::string_view text);
    bool take_word(std::string_view text);
    /// Takes it, or says that it is missing, `wanted` being its description.
    void expect_symbol(std::string_view text, const char* wanted = nullptr);
    /// Takes a name that is not a keyword; `wanted` says which.
    std::string name(const char* wanted);
    [[noreturn]] void unexpected(const std::string& wanted, std::string hint = {});
    /// Refuses a statement of Python's that the language leaves out, `word` being its first.
    void refuse_opening(const std::string& word);

    /// The text from byte `begin` to the current token.
    [[nodiscard]] std::string source_from(std::size_t begin) const { return m_source.substr(begin, current().begin - begin); }

private:
    std::string m_source;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_nesting = 0;
};

}  // namespace lossmith::engine::language
