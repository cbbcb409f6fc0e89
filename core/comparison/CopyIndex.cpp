#include "core/comparison/CopyIndex.h"

#include <algorithm>

#include "core/comparison/Words.h"

namespace lossmith {
namespace {

/// Suffixes are ordered by so many words only, so that a text that repeats itself without end cannot make sorting quadratic.
constexpr std::size_t sorted_depth = 256;

}  // namespace

CopyIndex CopyIndex::build(const std::vector<Source>& sources, std::size_t most_words) {
    CopyIndex index;
    for (const Source& source : sources) {
        const auto words = score_words(source.solution);
        if (index.m_words.size() + words.size() > most_words) {
            index.m_complete = false;
            break;
        }
        index.m_rows.emplace_back(index.m_words.size(), source.row);
        for (const std::string& word : words) {
            const auto next = static_cast<std::int32_t>(index.m_numbers.size() + 1);
            index.m_words.push_back(index.m_numbers.try_emplace(word, next).first->second);
        }
        index.m_words.push_back(0);
    }
    index.m_suffixes.reserve(index.m_words.size());
    for (std::size_t i = 0; i < index.m_words.size(); ++i)
        if (index.m_words[i] != 0) index.m_suffixes.push_back(static_cast<std::uint32_t>(i));
    const auto& words = index.m_words;
    std::sort(index.m_suffixes.begin(), index.m_suffixes.end(), [&words](std::uint32_t a, std::uint32_t b) {
        if (a == b) return false;
        for (std::size_t k = 0; k < sorted_depth; ++k) {
            const std::int32_t left = words[a + k];
            const std::int32_t right = words[b + k];
            if (left != right) return left < right;
            if (left == 0) return false;
        }
        return false;
    });
    return index;
}

std::size_t CopyIndex::common_length(std::size_t suffix, const std::vector<std::int32_t>& text, std::size_t at) const {
    std::size_t length = 0;
    while (at + length < text.size() && m_words[suffix + length] != 0 && m_words[suffix + length] == text[at + length]) ++length;
    return length;
}

bool CopyIndex::suffix_below(std::size_t suffix, const std::vector<std::int32_t>& text, std::size_t at) const {
    for (std::size_t k = 0; k < sorted_depth; ++k) {
        const std::int32_t left = m_words[suffix + k];
        const std::int32_t right = at + k < text.size() ? text[at + k] : 0;
        if (left != right) return left < right;
        if (left == 0) return false;
    }
    return false;
}

CopiedRun CopyIndex::longest_run(std::string_view text) const {
    std::vector<std::int32_t> numbers;
    for (const std::string& word : score_words(text)) {
        const auto found = m_numbers.find(word);
        numbers.push_back(found == m_numbers.end() ? -1 : found->second);
    }
    CopiedRun best;
    std::size_t best_suffix = 0;
    for (std::size_t at = 0; at + best.words < numbers.size(); ++at) {
        const auto place = std::partition_point(m_suffixes.begin(), m_suffixes.end(),
                                                [&](std::uint32_t suffix) { return suffix_below(suffix, numbers, at); });
        // The longest common prefix with a sorted list lies with one of the two neighbours of the place where the text belongs.
        for (const auto neighbour : {place - (place != m_suffixes.begin() ? 1 : 0), place}) {
            if (neighbour == m_suffixes.end()) continue;
            const std::size_t length = common_length(*neighbour, numbers, at);
            if (length > best.words) {
                best.words = length;
                best.first_word = at;
                best_suffix = *neighbour;
            }
        }
    }
    if (best.words == 0) return best;
    const auto row = std::upper_bound(m_rows.begin(), m_rows.end(), best_suffix,
                                      [](std::size_t position, const auto& start) { return position < start.first; });
    best.row = std::prev(row)->second;
    return best;
}

}  // namespace lossmith
