#include "core/engine/loss/language/Lexer.h"

#include <QChar>
#include <QString>
#include <array>
#include <charconv>

#include "core/engine/loss/language/Fault.h"

namespace lossmith::engine::language {
namespace {

constexpr std::size_t kTokens = 200'000;
constexpr std::size_t kIndents = 60;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Lexer {
public:
    Lexer(std::string_view source, int line, int column, bool in_brackets)
        : m_source(source), m_line(line), m_column(column), m_brackets(in_brackets ? 1 : 0), m_fragment(in_brackets) {}

    std::vector<Token> run() {
        if (!m_fragment) indentation();
        while (m_at < m_source.size()) {
            if (m_tokens.size() > kTokens) not_understood(here(), "The loss is too long.", "Keep it under 200,000 words and symbols.");
            next();
        }
        if (!m_open.empty())
            not_understood(m_open.back().second, std::string("'") + m_open.back().first + "' was never closed.",
                           "Add the closing bracket.");
        if (!m_fragment) {
            if (!m_tokens.empty() && m_tokens.back().kind != TokenKind::NewLine && m_tokens.back().kind != TokenKind::Dedent)
                add(TokenKind::NewLine, {}, here(), m_at);
            for (std::size_t i = 1; i < m_indents.size(); ++i) add(TokenKind::Dedent, {}, here(), m_at);
        }
        add(TokenKind::End, {}, here(), m_at);
        return std::move(m_tokens);
    }

private:
    [[nodiscard]] SourceRange here() const { return {m_line, m_column, m_line, m_column + 1}; }
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return m_at + ahead < m_source.size() ? m_source[m_at + ahead] : '\0'; }

    void advance(std::size_t bytes = 1) {
        for (; bytes > 0 && m_at < m_source.size(); --bytes) {
            const char c = m_source[m_at++];
            if (c == '\n') {
                ++m_line;
                m_column = 1;
            } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
                ++m_column;
            }
        }
    }

    void add(TokenKind kind, std::string text, const SourceRange& from, std::size_t begin) {
        Token token;
        token.kind = kind;
        token.text = std::move(text);
        token.where = {from.line, from.column, m_line, std::max(m_column, from.line == m_line ? from.column : 1)};
        token.begin = begin;
        m_tokens.push_back(std::move(token));
    }

    void skip_comment() {
        while (m_at < m_source.size() && peek() != '\n') advance();
    }

    // At the beginning of a line outside brackets: blank lines vanish, others open or close blocks.
    void indentation() {
        while (m_at < m_source.size()) {
            int width = 0;
            int narrow = 0;  // with a tab as one column: both measures must agree on what is deeper
            while (peek() == ' ' || peek() == '\t' || peek() == '\f') {
                if (peek() == ' ') {
                    ++width;
                    ++narrow;
                } else if (peek() == '\t') {
                    width = (width / 8 + 1) * 8;
                    ++narrow;
                } else {
                    width = narrow = 0;
                }
                advance();
            }
            if (peek() == '#') skip_comment();
            if (peek() == '\n') {
                advance();
                continue;
            }
            if (m_at >= m_source.size()) return;
            if (peek() == '\\' && peek(1) == '\n') {
                advance(2);
                continue;
            }
            const auto [deep, deep_narrow] = m_indents.back();
            if (width == deep) {
                if (narrow != deep_narrow) mixed();
            } else if (width > deep) {
                if (narrow <= deep_narrow) mixed();
                if (m_indents.size() >= kIndents)
                    not_understood(here(), "The blocks are nested too deeply.", "Move the inner blocks into functions of their own.");
                m_indents.emplace_back(width, narrow);
                add(TokenKind::Indent, {}, here(), m_at);
            } else {
                while (m_indents.back().first > width) {
                    m_indents.pop_back();
                    add(TokenKind::Dedent, {}, here(), m_at);
                }
                if (m_indents.back().first != width)
                    not_understood(here(), "This line's indentation matches no line above it.",
                                   "Give it as many spaces as the block it belongs to.");
                if (m_indents.back().second != narrow) mixed();
            }
            return;
        }
    }

    [[noreturn]] void mixed() { not_understood(here(), "Tabs and spaces are mixed in the indentation.", "Indent with spaces only."); }

    void next() {
        const char c = peek();
        if (c == ' ' || c == '\t' || c == '\f') return advance();
        if (c == '#') return skip_comment();
        if (c == '\n') {
            const SourceRange at = here();
            const std::size_t begin = m_at;
            advance();
            if (m_brackets > 0) return;
            add(TokenKind::NewLine, {}, at, begin);
            m_tokens.back().where = at;
            return indentation();
        }
        if (c == '\\') {
            if (peek(1) == '\n') return advance(2);
            not_understood(here(), "A backslash stands alone.", "It may only end a line that goes on below.");
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
        if (const std::size_t prefix = string_prefix(); prefix != std::string_view::npos) return string(prefix);
        if (is_name_start(c) || static_cast<unsigned char>(c) >= 0x80) return name();
        symbol();
    }

    void name() {
        const SourceRange from = here();
        const std::size_t begin = m_at;
        while (m_at < m_source.size()) {
            const char c = peek();
            if (is_name_start(c) || is_digit(c)) {
                advance();
            } else if (static_cast<unsigned char>(c) >= 0x80) {
                std::size_t length = 1;
                while (m_at + length < m_source.size() && (static_cast<unsigned char>(m_source[m_at + length]) & 0xC0U) == 0x80U) ++length;
                const QString text = QString::fromUtf8(m_source.data() + m_at, static_cast<qsizetype>(length));
                const std::u32string points = text.toStdU32String();
                const char32_t point = points.empty() ? U'\0' : points.front();
                if (!QChar::isLetterOrNumber(point)) {
                    if (m_at > begin) break;
                    odd_character(std::string(m_source.substr(m_at, length)), point);
                }
                advance(length);
            } else {
                break;
            }
        }
        add(TokenKind::Name, std::string(m_source.substr(begin, m_at - begin)), from, begin);
    }

    [[noreturn]] void odd_character(const std::string& shown, char32_t point) {
        if (point == 0x201C || point == 0x201D || point == 0x2018 || point == 0x2019)
            not_understood(here(), "The quotation mark " + shown + " is a typographic one.", "Write \" or ' instead.");
        if (point == 0xA0) not_understood(here(), "Here is a no-break space.", "Replace it by an ordinary space.");
        if (point == 0x2212 || point == 0x2013 || point == 0x2014)
            not_understood(here(), "The dash " + shown + " is no minus sign.", "Write - instead.");
        not_understood(here(), "The character " + shown + " means nothing in Python.", "Remove it.");
    }

    void number() {
        const SourceRange from = here();
        const std::size_t begin = m_at;
        std::string digits;
        bool real = false;
        int base = 10;
        if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X' || peek(1) == 'b' || peek(1) == 'B' || peek(1) == 'o' || peek(1) == 'O')) {
            const char mark = peek(1);
            base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
            advance(2);
            while (is_digit(peek()) || is_name_start(peek())) {
                if (peek() != '_') digits += peek();
                advance();
            }
        } else {
            const auto run_of_digits = [&] {
                while (is_digit(peek()) || (peek() == '_' && is_digit(peek(1)))) {
                    if (peek() != '_') digits += peek();
                    advance();
                }
            };
            run_of_digits();
            if (peek() == '.') {
                real = true;
                digits += '.';
                advance();
                run_of_digits();
            }
            if ((peek() == 'e' || peek() == 'E') && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
                real = true;
                digits += 'e';
                advance();
                if (!is_digit(peek())) {
                    digits += peek();
                    advance();
                }
                run_of_digits();
            }
            if (peek() == 'j' || peek() == 'J')
                deny(from, "Complex numbers are not part of the loss language.", "Keep real and imaginary parts in two tensors.");
        }
        if (is_name_start(peek())) not_understood(here(), "This number runs into a name.", "Put a space or an operator between them.");
        if (real) {
            add(TokenKind::Float, std::move(digits), from, begin);
            return;
        }
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
        if (error == std::errc::result_out_of_range)
            not_understood(from, "This whole number does not fit 64 bits.", "Write it as a float, for example 1e20.");
        if (error != std::errc() || end != digits.data() + digits.size()) not_understood(from, "This number is not well formed.");
        if (base == 10 && digits.size() > 1 && digits.front() == '0' && digits.find_first_not_of('0') != std::string::npos)
            not_understood(from, "A whole number may not begin with 0.", "Remove the leading zeros.");
        add(TokenKind::Int, std::to_string(value), from, begin);
    }

    // How many letters stand before a string's quote here; npos when no string begins here.
    [[nodiscard]] std::size_t string_prefix() const {
        for (std::size_t length = 0; length <= 2; ++length) {
            const char c = peek(length);
            if (c == '"' || c == '\'') return length;
            if (std::string_view("rRbBuUfF").find(c) == std::string_view::npos || c == '\0') break;
        }
        return std::string_view::npos;
    }

    void string(std::size_t prefix) {
        const SourceRange from = here();
        const std::size_t begin = m_at;
        bool raw = false;
        bool format = false;
        for (std::size_t i = 0; i < prefix; ++i) {
            const char c = static_cast<char>(peek(i) | 0x20);
            raw = raw || c == 'r';
            format = format || c == 'f';
            if (c == 'b') deny(from, "Byte strings are not part of the loss language.", "Write an ordinary string, without the b.");
        }
        advance(prefix);
        const char quote = peek();
        const bool triple = peek(1) == quote && peek(2) == quote;
        advance(triple ? 3 : 1);
        const SourceRange inside = here();
        const std::size_t content = m_at;
        while (true) {
            if (m_at >= m_source.size())
                not_understood(from, "This string is never closed.", std::string("Add the closing ") + quote + ".");
            if (peek() == '\\') {
                advance(2);
                continue;
            }
            if (peek() == '\n' && !triple)
                not_understood(from, "This string is not closed on its line.", std::string("Add the closing ") + quote + ".");
            if (peek() == quote && (!triple || (peek(1) == quote && peek(2) == quote))) break;
            advance();
        }
        const std::string_view text = m_source.substr(content, m_at - content);
        advance(triple ? 3 : 1);
        if (format) {
            add(TokenKind::FormatText, std::string(text), from, begin);
            m_tokens.back().raw = raw;
            m_tokens.back().content = inside;
        } else {
            add(TokenKind::Text, raw ? std::string(text) : unescaped(text, from), from, begin);
        }
    }

    void symbol() {
        static constexpr std::array<std::string_view, 24> longer = {
            "**=", "//=", "...", "<<=", ">>=", "->", ":=", "==", "!=", "<=", ">=", "<<",
            ">>",  "**",  "//",  "+=",  "-=",  "*=", "/=", "%=", "@=", "&=", "|=", "^="};
        const SourceRange from = here();
        const std::size_t begin = m_at;
        for (const std::string_view one : longer) {
            if (m_source.substr(m_at, one.size()) == one) {
                advance(one.size());
                add(TokenKind::Symbol, std::string(one), from, begin);
                return;
            }
        }
        const char c = peek();
        if (c == '(' || c == '[' || c == '{') {
            m_open.emplace_back(c, from);
            ++m_brackets;
            if (m_open.size() > 200)
                not_understood(from, "The brackets are nested too deeply.", "Give the inner parts names of their own.");
        } else if (c == ')' || c == ']' || c == '}') {
            const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
            if (m_open.empty() || m_open.back().first != opening)
                not_understood(from, std::string("'") + c + "' closes nothing here.", "Remove it, or add its opening bracket.");
            m_open.pop_back();
            --m_brackets;
        } else if (c == '$' || c == '?' || c == '`' || c == '\0' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            not_understood(from,
                           static_cast<unsigned char>(c) < 0x20 || c == 0x7f
                               ? std::string("Here is a control character.")
                               : std::string("The character ") + c + " means nothing in Python.",
                           "Remove it.");
        }
        advance();
        add(TokenKind::Symbol, std::string(1, c), from, begin);
    }

    std::string_view m_source;
    std::size_t m_at = 0;
    int m_line;
    int m_column;
    int m_brackets;
    bool m_fragment;
    std::vector<std::pair<char, SourceRange>> m_open;
    std::vector<std::pair<int, int>> m_indents = {{0, 0}};
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source, int line, int column, bool in_brackets) {
    return Lexer(source, line, column, in_brackets).run();
}

void append_utf8(std::string& text, char32_t point) {
    const auto byte = [&](char32_t value) { text += static_cast<char>(static_cast<unsigned char>(value)); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xC0 | (point >> 6));
        byte(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        byte(0xE0 | (point >> 12));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
    } else {
        byte(0xF0 | (point >> 18));
        byte(0x80 | ((point >> 12) & 0x3F));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
    }
}

std::string unescaped(std::string_view text, const SourceRange& where) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            result += text[i];
            continue;
        }
        const char c = text[++i];
        const auto hexadecimal = [&](std::size_t digits) {
            std::uint32_t point = 0;
            const std::string_view part = text.substr(std::min(i + 1, text.size()), digits);
            const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), point, 16);
            if (part.size() != digits || error != std::errc() || end != part.data() + part.size() || point > 0x10FFFF ||
                (point >= 0xD800 && point < 0xE000))
                not_understood(where, std::string("The escape \\") + c + " in this string is not complete.",
                               "Write a raw string, r\"…\", if the backslash is meant as such.");
            append_utf8(result, point);
            i += digits;
        };
        switch (c) {
            case 'n': result += '\n'; break;
            case 't': result += '\t'; break;
            case 'r': result += '\r'; break;
            case 'a': result += '\a'; break;
            case 'b': result += '\b'; break;
            case 'f': result += '\f'; break;
            case 'v': result += '\v'; break;
            case '\\': result += '\\'; break;
            case '\'': result += '\''; break;
            case '"': result += '"'; break;
            case '\n': break;
            case 'x': hexadecimal(2); break;
            case 'u': hexadecimal(4); break;
            case 'U': hexadecimal(8); break;
            default:
                if (c >= '0' && c <= '7') {
                    std::uint32_t point = 0;
                    for (int digits = 0; digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++digits, ++i)
                        point = point * 8 + static_cast<std::uint32_t>(text[i] - '0');
                    --i;
                    append_utf8(result, point);
                } else {
                    result += '\\';
                    result += c;
                }
        }
    }
    return result;
}

}  // namespace lossmith::engine::language
