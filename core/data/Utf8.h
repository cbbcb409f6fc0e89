// Whether bytes are UTF-8, and where they stop being so.
#pragma once

#include <string_view>

namespace lossmith {

/// How many leading bytes are valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF; Unicode 15, table 3-7).
[[nodiscard]] std::size_t valid_utf8_length(std::string_view bytes);

[[nodiscard]] inline bool is_utf8(std::string_view bytes) {
    return valid_utf8_length(bytes) == bytes.size();
}

/// Whether `bytes` is the beginning of a character that further bytes could complete; false when it is empty.
[[nodiscard]] bool is_unfinished_utf8(std::string_view bytes);

/// The longest prefix of at most `limit` bytes that does not cut a character in two.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t limit);

}  // namespace lossmith
