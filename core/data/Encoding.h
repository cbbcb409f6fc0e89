// Which encoding a file's bytes are in, told from their beginning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lossmith {

struct EncodingGuess {
    std::string name;  ///< "UTF-8", "UTF-16LE", … or one of uchardet's names
    std::string note;  ///< a sentence: how it was told
};

/// By byte-order mark, zero bytes, UTF-8 validity, and then uchardet's statistics; windows-1252 when nothing else fits.
/// `whole`: the sample is the whole file, so that a character cut at its end is a fault.
[[nodiscard]] EncodingGuess guess_encoding(std::string_view sample, bool whole);

/// The byte-order mark at the front of `bytes`: its encoding and length, or an empty name.
struct ByteOrderMark {
    std::string_view encoding;
    std::size_t length = 0;
};
[[nodiscard]] ByteOrderMark byte_order_mark(std::string_view bytes);

/// How many bytes of a text in this encoding one character takes at least: 1, 2 or 4.
[[nodiscard]] std::size_t code_unit_size(std::string_view encoding);

/// Whether the name means UTF-8 (or ASCII, its part), in any spelling.
[[nodiscard]] bool names_utf8(std::string_view encoding);

}  // namespace lossmith
