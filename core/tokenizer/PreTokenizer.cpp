#include "core/tokenizer/PreTokenizer.h"

#include "core/tokenizer/UnicodeClasses.h"

namespace lossmith {
namespace {

/// The end of the contraction that begins at the apostrophe at `begin`, or `begin` when there is none.
std::size_t contraction_end(std::string_view text, std::size_t begin) {
    if (begin + 1 >= text.size()) return begin;
    const char first = text[begin + 1];
    if (first == 's' || first == 'd' || first == 'm' || first == 't') return begin + 2;
    if (begin + 2 >= text.size()) return begin;
    const char second = text[begin + 2];
    const bool two_letters = (first == 'l' && second == 'l') || (first == 'v' && second == 'e') || (first == 'r' && second == 'e');
    return two_letters ? begin + 3 : begin;
}

/// The end of the run of one kind that goes on at `at`.
std::size_t run_end(std::string_view text, std::size_t at, CharacterClass kind) {
    while (at < text.size()) {
        const Character next = character_at(text, at);
        if (next.kind != kind) break;
        at += next.length;
    }
    return at;
}

/// White space keeps its last character for the piece that follows it, unless it is the only one or the text ends here.
std::size_t space_end(std::string_view text, std::size_t begin) {
    std::size_t last = begin;
    std::size_t at = begin;
    while (at < text.size()) {
        const Character next = character_at(text, at);
        if (next.kind != CharacterClass::Space) return last > begin ? last : at;
        last = at;
        at += next.length;
    }
    return at;
}

}  // namespace

std::size_t piece_end(std::string_view text, std::size_t begin) {
    const Character first = character_at(text, begin);
    if (first.kind == CharacterClass::Space) {
        const std::size_t after = begin + 1;
        if (text[begin] != ' ' || after == text.size()) return space_end(text, begin);
        const Character next = character_at(text, after);
        if (next.kind == CharacterClass::Space) return space_end(text, begin);
        return run_end(text, after + next.length, next.kind);
    }
    if (text[begin] == '\'') {
        const std::size_t end = contraction_end(text, begin);
        if (end > begin) return end;
    }
    return run_end(text, begin + first.length, first.kind);
}

}  // namespace lossmith
