#include "core/comparison/Overlap.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/comparison/Words.h"

namespace lossmith {
namespace {

/// Length of the longest common subsequence, bit-parallel (Hyyrö 2004): |a|·|b| / 64 steps, so that long texts stay cheap.
std::size_t common_subsequence(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::unordered_map<std::string_view, std::vector<std::size_t>> positions;
    for (std::size_t i = 0; i < a.size(); ++i) positions[a[i]].push_back(i);
    const std::size_t blocks = (a.size() + 63) / 64;
    std::vector<std::uint64_t> row(blocks, ~std::uint64_t{0});
    std::vector<std::uint64_t> matches(blocks, 0);
    for (const std::string& word : b) {
        const auto found = positions.find(word);
        if (found == positions.end()) continue;
        for (const std::size_t i : found->second) matches[i / 64] |= std::uint64_t{1} << (i % 64);
        std::uint64_t carry = 0;
        for (std::size_t k = 0; k < blocks; ++k) {
            const std::uint64_t both = row[k] & matches[k];
            const std::uint64_t sum = row[k] + both;
            const std::uint64_t total = sum + carry;
            carry = static_cast<std::uint64_t>(sum < both) | static_cast<std::uint64_t>(total < sum);
            row[k] = total | (row[k] - both);
        }
        for (const std::size_t i : found->second) matches[i / 64] = 0;
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < a.size(); ++i) length += (row[i / 64] >> (i % 64) & 1U) == 0;
    return length;
}

/// n-grams of a sequence and how often each occurs; the units joined by a byte that no unit holds.
template <typename Sequence>
std::unordered_map<std::string, std::size_t> count_ngrams(const Sequence& units, std::size_t n) {
    std::unordered_map<std::string, std::size_t> counts;
    for (std::size_t i = 0; i + n <= units.size(); ++i) {
        std::string key;
        for (std::size_t k = i; k < i + n; ++k) key.append(units[k]).append(1, '\0');
        ++counts[key];
    }
    return counts;
}

std::size_t matching(const std::unordered_map<std::string, std::size_t>& a, const std::unordered_map<std::string, std::size_t>& b) {
    std::size_t sum = 0;
    for (const auto& [ngram, count] : a)
        if (const auto other = b.find(ngram); other != b.end()) sum += std::min(count, other->second);
    return sum;
}

/// The code points of a text without white space.
std::vector<std::string> characters_of(std::string_view text) {
    std::vector<std::string> characters;
    const std::string valid = valid_utf8(text);
    for (std::size_t at = 0; at < valid.size();) {
        std::size_t end = at + 1;
        while (end < valid.size() && (static_cast<unsigned char>(valid[end]) & 0xC0) == 0x80) ++end;
        std::string character = valid.substr(at, end - at);
        if (!trimmed(character).empty()) characters.push_back(std::move(character));
        at = end;
    }
    return characters;
}

}  // namespace

double rouge_l(std::string_view text, std::string_view solution) {
    const auto said = score_words(text);
    const auto wanted = score_words(solution);
    if (said.empty() || wanted.empty()) return 0.0;
    const double common = static_cast<double>(common_subsequence(said, wanted));
    const double precision = common / static_cast<double>(said.size());
    const double recall = common / static_cast<double>(wanted.size());
    return common > 0 ? 2 * precision * recall / (precision + recall) : 0.0;
}

double bleu(std::string_view text, std::string_view solution) {
    constexpr std::size_t longest = 4;
    const auto said = bleu_words(text);
    const auto wanted = bleu_words(solution);
    if (said.empty() || wanted.empty()) return 0.0;
    double smoothing = 1.0;
    double log_sum = 0.0;
    std::size_t orders = 0;
    bool any = false;
    for (std::size_t n = 1; n <= longest && n <= said.size(); ++n) {
        const std::size_t total = said.size() - n + 1;
        const std::size_t correct = matching(count_ngrams(said, n), count_ngrams(wanted, n));
        any = any || correct > 0;
        if (correct == 0) smoothing *= 2;
        const double precision = (correct > 0 ? static_cast<double>(correct) : 1.0 / smoothing) / static_cast<double>(total);
        log_sum += std::log(precision);
        ++orders;
    }
    if (!any) return 0.0;
    const double ratio = static_cast<double>(wanted.size()) / static_cast<double>(said.size());
    const double brevity = ratio > 1.0 ? std::exp(1.0 - ratio) : 1.0;
    return brevity * std::exp(log_sum / static_cast<double>(orders));
}

double chrf(std::string_view text, std::string_view solution) {
    constexpr std::size_t longest = 6;
    constexpr double beta_squared = 4.0;
    const auto said = characters_of(text);
    const auto wanted = characters_of(solution);
    double precision = 0.0;
    double recall = 0.0;
    std::size_t orders = 0;
    for (std::size_t n = 1; n <= longest; ++n) {
        if (said.size() < n || wanted.size() < n) break;
        const auto common = static_cast<double>(matching(count_ngrams(said, n), count_ngrams(wanted, n)));
        precision += common / static_cast<double>(said.size() - n + 1);
        recall += common / static_cast<double>(wanted.size() - n + 1);
        ++orders;
    }
    if (orders == 0) return 0.0;
    precision /= static_cast<double>(orders);
    recall /= static_cast<double>(orders);
    const double denominator = beta_squared * precision + recall;
    return denominator > 0 ? (1 + beta_squared) * precision * recall / denominator : 0.0;
}

double distinct_n(std::string_view text, int n) {
    const auto words = score_words(text);
    const auto size = static_cast<std::size_t>(std::max(1, n));
    if (words.size() < size) return 0.0;
    return static_cast<double>(count_ngrams(words, size).size()) / static_cast<double>(words.size() - size + 1);
}

}  // namespace lossmith
