// How much a text shares with the true solution: ROUGE-L, BLEU, chrF; and how varied it is: distinct-n.
#pragma once

#include <string_view>

namespace lossmith {

/// ROUGE-L F1 of two texts, 0 to 1 (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004, equations 2 to 4 with β = 1):
/// with L words in the longest common subsequence, P = L / words(text), R = L / words(solution), F = 2PR / (P + R).
/// Words are score_words(). Zero when either has no words.
[[nodiscard]] double rouge_l(std::string_view text, std::string_view solution);

/// Sentence BLEU, 0 to 1 (Papineni et al. 2002), as sacreBLEU's sentence_bleu gives it divided by 100 (Post 2018): words by `13a`,
/// up to 4-grams, no longer n-grams than the text has, brevity penalty exp(1 - r / c), and for the k-th n-gram order without
/// a match the precision 1 / (2^k · total) (NIST's smoothing, method 3 of Chen & Cherry 2014).
[[nodiscard]] double bleu(std::string_view text, std::string_view solution);

/// chrF2, 0 to 1 (Popović 2015), as sacreBLEU's sentence_chrf gives it divided by 100: n-grams of 1 to 6 characters without
/// white space, precision and recall averaged over the orders both texts have, β = 2.
[[nodiscard]] double chrf(std::string_view text, std::string_view solution);

/// Distinct n-grams over all n-grams of score_words(text) (Li et al. 2016, "A Diversity-Promoting Objective Function").
/// Zero when there is no n-gram. `n` is at least 1.
[[nodiscard]] double distinct_n(std::string_view text, int n);

}  // namespace lossmith
