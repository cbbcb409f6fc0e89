// Strings, and the expressions inside f-strings.
#include "core/engine/loss/language/ExpressionParser.h"
#include "core/engine/loss/language/Fault.h"

namespace lossmith::engine::language {
namespace {

// Where the expression that begins at `at` ends: at its } or :, or at a ! that is not !=.
std::size_t expression_end(std::string_view text, std::size_t at, const SourceRange& where) {
    int open = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\'' || c == '"') {
            const std::size_t end = text.find(c, at + 1);
            if (end == std::string_view::npos) break;
            at = end;
        } else if (c == '(' || c == '[' || c == '{') {
            ++open;
        } else if (open == 0 && (c == '}' || c == ':' || (c == '!' && (at + 1 >= text.size() || text[at + 1] != '=')))) {
            return at;
        } else if (c == ')' || c == ']' || c == '}') {
            --open;
        }
    }
    not_understood(where, "A { of this f-string is never closed.", "Write {{ for the character itself.");
}

}  // namespace

void ExpressionParser::end_plain(std::string& plain, Expression& joined) {
    if (plain.empty()) return;
    auto part = make(ExpressionKind::Constant, joined.where);
    part->constant = Value(std::exchange(plain, {}));
    joined.children.push_back(std::move(part));
}

ExpressionPointer ExpressionParser::text() {
    const SourceRange begin = current().where;
    auto joined = make(ExpressionKind::JoinedText, begin);
    std::string plain;
    bool format = false;
    while (is(TokenKind::Text) || is(TokenKind::FormatText)) {
        const Token token = take();
        if (token.kind == TokenKind::Text) {
            plain += token.text;
            continue;
        }
        format = true;
        format_parts(token, token.text, token.content.line, token.content.column, *joined, plain, 0);
    }
    if (!format) {
        auto node = make(ExpressionKind::Constant, from_to(begin, previous().where));
        node->constant = Value(std::move(plain));
        return node;
    }
    end_plain(plain, *joined);
    return finish(std::move(joined));
}

void ExpressionParser::format_parts(const Token& token, std::string_view text, int line, int column, Expression& joined, std::string& plain,
                                    int level) {
    const Nest nest(*this);
    std::size_t at = 0;
    const auto advance = [&](std::size_t bytes) {
        for (; bytes > 0 && at < text.size(); --bytes) {
            const char c = text[at++];
            if (c == '\n') {
                ++line;
                column = 1;
            } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
                ++column;
            }
        }
    };
    std::string run;
    const auto end_run = [&] {
        plain += token.raw ? run : unescaped(run, token.where);
        run.clear();
    };
    while (at < text.size()) {
        const char c = text[at];
        if (c == '{' && at + 1 < text.size() && text[at + 1] == '{' && level == 0) {
            run += '{';
            advance(2);
        } else if (c == '}' && at + 1 < text.size() && text[at + 1] == '}' && level == 0) {
            run += '}';
            advance(2);
        } else if (c == '}') {
            not_understood({line, column, line, column + 1}, "A } stands alone in this f-string.", "Write }} for the character itself.");
        } else if (c == '\\' && !token.raw && at + 1 < text.size()) {
            run += text.substr(at, 2);
            advance(2);
        } else if (c == '{') {
            end_run();
            end_plain(plain, joined);
            advance(1);
            const SourceRange inner{line, column, line, column + 1};
            const std::size_t begin = at;
            const std::size_t end = expression_end(text, at, inner);
            std::string_view source = text.substr(begin, end - begin);
            bool shows = false;
            advance(end - begin);
            if (source.size() > 1 && source.back() == '=' &&
                std::string_view("=!<>").find(source[source.size() - 2]) == std::string_view::npos) {
                shows = true;
                plain += source;
                end_plain(plain, joined);
                source.remove_suffix(1);
            }
            auto part = make(ExpressionKind::FormattedText, inner);
            part->children.push_back(fragment(source, inner));
            if (at < text.size() && text[at] == '!') {
                advance(1);
                if (at >= text.size() || (text[at] != 'r' && text[at] != 's' && text[at] != 'a'))
                    not_understood(inner, "After ! stands r or s.");
                part->text = text[at];
                advance(1);
            }
            if (at < text.size() && text[at] == ':') {
                advance(1);
                if (level > 1) not_understood(inner, "This format is nested too deeply.");
                const std::size_t spec_begin = at;
                std::size_t spec_end = at;
                int open = 0;
                for (; spec_end < text.size(); ++spec_end) {
                    if (text[spec_end] == '{') ++open;
                    if (text[spec_end] == '}' && open-- == 0) break;
                }
                auto spec = make(ExpressionKind::JoinedText, inner);
                std::string spec_plain;
                format_parts(token, text.substr(spec_begin, spec_end - spec_begin), line, column, *spec, spec_plain, level + 1);
                end_plain(spec_plain, *spec);
                part->children.push_back(finish(std::move(spec)));
                advance(spec_end - spec_begin);
            } else if (shows && part->text.empty()) {
                part->text = "r";
            }
            if (at >= text.size() || text[at] != '}')
                not_understood(inner, "A { of this f-string is never closed.", "Write {{ for the character itself.");
            advance(1);
            part = finish(std::move(part));
            part->where = inner;
            joined.children.push_back(std::move(part));
        } else {
            run += c;
            advance(1);
        }
    }
    end_run();
}

ExpressionPointer ExpressionParser::fragment(std::string_view source, const SourceRange& where) {
    const Inside inside(*this, std::string(source), where);
    if (is(TokenKind::End)) not_understood(where, "An empty {} stands in this f-string.", "Put a value between the braces.");
    auto node = expression_list();
    if (!is(TokenKind::End)) unexpected("}", "Is an operator missing?");
    return node;
}

}  // namespace lossmith::engine::language
