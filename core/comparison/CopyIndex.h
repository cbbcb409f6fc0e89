// Finds what a text copies from the training solutions, and from which row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lossmith {

/// The longest run of a text's words that also stands, word for word, in a training solution.
struct CopiedRun {
    std::size_t words = 0;       ///< length of the run; zero: no word of the text occurs in training
    std::size_t first_word = 0;  ///< where it starts in score_words(text)
    std::int64_t row = 0;        ///< the training row that holds it
};

/// A suffix array over the words (score_words()) of all training solutions. Immutable once built; safe to share between threads.
class CopyIndex {
public:
    struct Source {
        std::int64_t row = 0;
        std::string_view solution;
    };

    /// Sorts in about n log n; eight bytes a word. Words beyond `most_words` are left out, and is_complete() is then false.
    [[nodiscard]] static CopyIndex build(const std::vector<Source>& sources, std::size_t most_words = 20'000'000);

    /// Exact for runs up to 256 words; a longer run is found, but a still longer one elsewhere may be missed.
    [[nodiscard]] CopiedRun longest_run(std::string_view text) const;

    [[nodiscard]] bool is_complete() const { return m_complete; }

private:
    CopyIndex() = default;
    [[nodiscard]] std::size_t common_length(std::size_t suffix, const std::vector<std::int32_t>& text, std::size_t at) const;
    [[nodiscard]] bool suffix_below(std::size_t suffix, const std::vector<std::int32_t>& text, std::size_t at) const;

    std::unordered_map<std::string, std::int32_t> m_numbers;   ///< word to number, from 1
    std::vector<std::int32_t> m_words;                         ///< all solutions, each ended by 0
    std::vector<std::uint32_t> m_suffixes;                     ///< positions in m_words, sorted by what follows
    std::vector<std::pair<std::size_t, std::int64_t>> m_rows;  ///< where each solution starts, and its row
    bool m_complete = true;
};

}  // namespace lossmith
