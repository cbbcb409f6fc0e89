#include "core/tokenizer/UnicodeClasses.h"

#include <algorithm>
#include <iterator>

#include "core/tokenizer/UnicodeRanges.h"

namespace lossmith {
namespace {

template <std::size_t count>
constexpr void fill(std::array<CharacterClass, 0x10000>& classes, const CodePointRange (&ranges)[count], CharacterClass kind) {
    for (const CodePointRange& range : ranges) {
        if (range.first > 0xFFFF) break;
        for (char32_t code_point = range.first; code_point <= range.last && code_point <= 0xFFFF; ++code_point) classes[code_point] = kind;
    }
}

constexpr std::array<CharacterClass, 0x10000> make_basic_plane() {
    std::array<CharacterClass, 0x10000> classes{};
    fill(classes, letter_ranges, CharacterClass::Letter);
    fill(classes, number_ranges, CharacterClass::Number);
    fill(classes, space_ranges, CharacterClass::Space);
    return classes;
}

template <std::size_t count>
bool contains(const CodePointRange (&ranges)[count], char32_t code_point) {
    const auto* range = std::ranges::lower_bound(ranges, code_point, {}, &CodePointRange::last);
    return range != std::end(ranges) && range->first <= code_point;
}

constexpr Character invalid_byte{CharacterClass::Other, 1};

}  // namespace

constexpr std::array<CharacterClass, 0x10000> basic_plane_classes = make_basic_plane();

CharacterClass class_of(char32_t code_point) {
    if (code_point <= 0xFFFF) return basic_plane_classes[code_point];
    if (contains(letter_ranges, code_point)) return CharacterClass::Letter;
    if (contains(number_ranges, code_point)) return CharacterClass::Number;
    return CharacterClass::Other;  // no white space lies beyond the basic plane
}

Character character_beyond_ascii(std::string_view text, std::size_t at) {
    const std::size_t left = text.size() - at;
    const auto byte = [text, at](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const auto continues = [left, byte](std::size_t i) { return i < left && (byte(i) & 0xC0U) == 0x80U; };
    const auto six_bits = [byte](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3FU); };
    const unsigned char lead = byte(0);
    if (lead >= 0xC2 && lead <= 0xDF && continues(1)) {
        const char32_t code_point = ((lead & 0x1FU) << 6U) | six_bits(1);
        return {basic_plane_classes[code_point], 2};
    }
    if (lead >= 0xE0 && lead <= 0xEF && continues(1) && continues(2)) {
        const char32_t code_point = ((lead & 0x0FU) << 12U) | (six_bits(1) << 6U) | six_bits(2);
        const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        return code_point < 0x800 || surrogate ? invalid_byte : Character{basic_plane_classes[code_point], 3};
    }
    if (lead >= 0xF0 && lead <= 0xF4 && continues(1) && continues(2) && continues(3)) {
        const char32_t code_point = ((lead & 0x07U) << 18U) | (six_bits(1) << 12U) | (six_bits(2) << 6U) | six_bits(3);
        return code_point < 0x10000 || code_point > 0x10FFFF ? invalid_byte : Character{class_of(code_point), 4};
    }
    return invalid_byte;
}

}  // namespace lossmith
