// The four kinds of character that GPT-2's splitting of text tells apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lossmith {

/// \p{L}, \p{N}, \s, and all else. A byte that is no part of valid UTF-8 is Other.
enum class CharacterClass : std::uint8_t { Other, Letter, Number, Space };

/// A character of a text: its kind and how many bytes it takes.
struct Character {
    CharacterClass kind;
    std::uint32_t length;
};

/// The kind of every code point below U+10000.
extern const std::array<CharacterClass, 0x10000> basic_plane_classes;

/// The kind of any code point.
[[nodiscard]] CharacterClass class_of(char32_t code_point);

/// The character that begins at text[at]; `at` must be inside the text. Overlong forms, surrogates, code points beyond
/// U+10FFFF, stray and missing continuation bytes are invalid: each such byte is a character of its own, of kind Other.
[[nodiscard]] Character character_beyond_ascii(std::string_view text, std::size_t at);

[[nodiscard]] inline Character character_at(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) return {basic_plane_classes[byte], 1};
    return character_beyond_ascii(text, at);
}

}  // namespace lossmith
