#include "core/comparison/Words.h"

#include <QChar>
#include <algorithm>

namespace lossmith {
namespace {

struct CodePoint {
    char32_t value;
    std::size_t begin;
    std::size_t end;
};

/// One UTF-8 code point from `at` on; an invalid byte stands for itself as U+FFFD.
CodePoint code_point_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) return {first, at, at + 1};
    const std::size_t length = first >= 0xF0 && first <= 0xF4  ? 4
                               : first >= 0xE0 && first < 0xF0 ? 3
                               : first >= 0xC2 && first < 0xE0 ? 2
                                                               : 0;
    if (length == 0 || at + length > text.size()) return {0xFFFD, at, at + 1};
    char32_t value = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return {0xFFFD, at, at + 1};
        value = (value << 6U) | (byte(at + i) & 0x3FU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {0xFFFD, at, at + 1};
    return {value, at, at + length};
}

void append_utf8(std::string& text, char32_t value) {
    if (value < 0x80) {
        text += static_cast<char>(value);
        return;
    }
    const int tail = value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
    const char32_t lead = tail == 1 ? 0xC0 : tail == 2 ? 0xE0 : 0xF0;
    text += static_cast<char>(lead | (value >> (6 * tail)));
    for (int i = tail - 1; i >= 0; --i) text += static_cast<char>(0x80U | ((value >> (6 * i)) & 0x3FU));
}

bool is_word_character(char32_t value) {
    if (value < 0x80) return (value >= '0' && value <= '9') || (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
    return value != 0xFFFD && (QChar::isLetterOrNumber(value) || QChar::isMark(value));
}

bool stands_alone(char32_t value) {
    const auto script = value < 0x80 ? QChar::Script_Latin : QChar::script(value);
    return script == QChar::Script_Han || script == QChar::Script_Hiragana || script == QChar::Script_Katakana;
}

/// What Python's str.split() splits on.
bool is_space(char32_t value) {
    if (value < 0x80) return (value >= 9 && value <= 13) || (value >= 28 && value <= 32);
    return value == 0x85 || QChar::isSpace(value);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    std::size_t at = 0;
    for (std::size_t found = text.find(from); found != std::string_view::npos; found = text.find(from, at)) {
        result.append(text, at, found - at).append(to);
        at = found + from.size();
    }
    return result.append(text, at);
}

/// The first rule of mteval-v13a: ASCII punctuation other than ' , - . stands apart.
bool stands_apart(char c) {
    return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') || (c >= ':' && c <= '@') ||
           c == '/';
}

/// Writes a space between two characters, and after or before them, wherever `matches` says so; like re.sub, a match is not looked into.
template <typename Matches>
std::string spaced(const std::string& text, Matches matches, bool space_before, bool space_after) {
    std::string result;
    result.reserve(text.size() + text.size() / 4);
    std::size_t i = 0;
    while (i < text.size()) {
        if (i + 1 < text.size() && matches(text[i], text[i + 1])) {
            if (space_before) result += ' ';
            result += text[i];
            result += ' ';
            result += text[i + 1];
            if (space_after) result += ' ';
            i += 2;
        } else {
            result += text[i++];
        }
    }
    return result;
}

std::vector<std::string> split_on_space(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at = point.end;
        if (!is_space(point.value)) {
            word.append(text, point.begin, point.end - point.begin);
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

}  // namespace

std::vector<std::string> score_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (word.empty()) return;
        words.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at = point.end;
        if (!is_word_character(point.value)) {
            finish();
            continue;
        }
        const bool alone = stands_alone(point.value);
        if (alone) finish();
        append_utf8(word, QChar::toLower(point.value));
        if (alone) finish();
    }
    finish();
    return words;
}

std::vector<std::string> bleu_words(std::string_view text) {
    std::string line(trimmed(text));
    line = replaced(line, "<skipped>", "");
    line = replaced(line, "-\n", "");
    line = replaced(line, "\n", " ");
    line = replaced(line, "&quot;", "\"");
    line = replaced(line, "&amp;", "&");
    line = replaced(line, "&lt;", "<");
    line = replaced(line, "&gt;", ">");
    std::string apart = " ";
    for (const char c : line) {
        if (stands_apart(c)) {
            apart += ' ';
            apart += c;
            apart += ' ';
        } else {
            apart += c;
        }
    }
    apart += ' ';
    const auto is_point = [](char c) { return c == '.' || c == ','; };
    apart = spaced(apart, [&](char a, char b) { return !is_digit(a) && is_point(b); }, false, true);
    apart = spaced(apart, [&](char a, char b) { return is_point(a) && !is_digit(b); }, true, false);
    apart = spaced(apart, [&](char a, char b) { return is_digit(a) && b == '-'; }, false, true);
    return split_on_space(apart);
}

std::vector<DiffPiece> diff_pieces(std::string_view text) {
    std::vector<DiffPiece> pieces;
    std::size_t at = 0;
    std::size_t begin = 0;
    const auto skip_space = [&] {
        while (at < text.size()) {
            const CodePoint point = code_point_at(text, at);
            if (!is_space(point.value)) break;
            at = point.end;
        }
    };
    const auto in_word = [](char32_t value) { return is_word_character(value) && !stands_alone(value); };
    skip_space();
    while (at < text.size()) {
        const std::size_t word_begin = at;
        CodePoint point = code_point_at(text, at);
        at = point.end;
        if (in_word(point.value)) {
            while (at < text.size()) {
                point = code_point_at(text, at);
                const bool inner_mark = (point.value == '\'' || point.value == 0x2019) && point.end < text.size() &&
                                        in_word(code_point_at(text, point.end).value);
                if (!in_word(point.value) && !inner_mark) break;
                at = point.end;
            }
        }
        const std::size_t word_end = at;
        skip_space();
        pieces.push_back({{begin, at}, text.substr(word_begin, word_end - word_begin)});
        begin = at;
    }
    if (pieces.empty() && !text.empty()) pieces.push_back({{0, text.size()}, {}});
    return pieces;
}

std::string valid_utf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        append_utf8(result, point.value);
        at = point.end;
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        if (!is_space(point.value)) {
            begin = std::min(begin, point.begin);
            end = point.end;
        }
        at = point.end;
    }
    return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

}  // namespace lossmith
