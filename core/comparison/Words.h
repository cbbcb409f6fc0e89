// Text into words: the units that scores count, and the units that differences are shown in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lossmith {

/// Lower-cased runs of letters and digits; everything else separates. For ASCII these are the words of Google's rouge_score
/// (`re.sub(r"[^a-z0-9]+", " ", text.lower())`, no stemming). Beyond ASCII letters, digits and marks of every script count as well,
/// and a Chinese or Japanese character is a word by itself, so that such text has words at all.
[[nodiscard]] std::vector<std::string> score_words(std::string_view text);

/// sacreBLEU's default tokenizer, `13a` (mteval-v13a of NIST): punctuation apart, except inside numbers; case kept.
[[nodiscard]] std::vector<std::string> bleu_words(std::string_view text);

/// A stretch [begin, end) of bytes.
struct TextRange {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const TextRange&) const = default;
};

/// Cuts the whole text into words and single punctuation marks, each with the white space that follows it (white space at the
/// start belongs to the first piece). The pieces tile the text.
struct DiffPiece {
    TextRange whole;  ///< with the white space
    std::string_view word;
};
[[nodiscard]] std::vector<DiffPiece> diff_pieces(std::string_view text);

/// The same text with each invalid byte sequence replaced by U+FFFD, as JSON, HTML and CSV need.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// ASCII 0 to 9.
[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Without white space at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace lossmith
