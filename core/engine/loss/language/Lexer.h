// Source text into Python's tokens, with indentation as tokens of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/loss/language/Program.h"

namespace lossmith::engine::language {

enum class TokenKind : std::uint8_t { Name, Int, Float, Text, FormatText, Symbol, NewLine, Indent, Dedent, End };

struct Token {
    TokenKind kind = TokenKind::End;
    std::string text;  ///< a name, a symbol, a number's digits; a string's content with escapes undone (a format's: as written)
    SourceRange where;
    std::size_t begin = 0;  ///< the byte where it begins
    bool raw = false;       ///< of a format: backslashes stand for themselves
    SourceRange content;    ///< of a format: where its content begins
};

/// Throws Fault. `line` and `column` say where `source` begins, for an expression inside a format; `in_brackets`: newlines mean nothing.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view source, int line = 1, int column = 1, bool in_brackets = false);

/// Undoes backslash escapes.
[[nodiscard]] std::string unescaped(std::string_view text, const SourceRange& where);

/// Appends a code point as UTF-8.
void append_utf8(std::string& text, char32_t point);

}  // namespace lossmith::engine::language
