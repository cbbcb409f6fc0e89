// GPT-2's splitting of text into the pieces that merging never crosses.
#pragma once

#include <cstddef>
#include <string_view>

namespace lossmith {

/// The end of the piece that begins at `begin` (inside the text), as this expression finds it:
///
///     '(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// Every text falls into pieces without gaps. Invalid UTF-8 counts as [^\s\p{L}\p{N}].
[[nodiscard]] std::size_t piece_end(std::string_view text, std::size_t begin);

}  // namespace lossmith
