// What is measured of one generated text, and how each measure is to be read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

class CopyIndex;

/// Absent: it cannot be said, e.g. ROUGE-L where no true solution is known.
struct Scores {
    std::optional<double> exact_match;        ///< 1 when text and solution are equal after trimming, else 0
    std::optional<double> number_match;       ///< 1 when answer_number() of both is equal; absent when the solution has no number
    std::optional<double> rouge_l;            ///< rouge_l()
    std::optional<double> bleu;               ///< bleu()
    std::optional<double> chrf;               ///< chrf()
    std::optional<double> solution_loss;      ///< mean negative log-probability, in nats, that the model gives a token of the true solution
    std::optional<double> perplexity;         ///< of the true solution, exp(solution_loss)
    std::optional<double> distinct_1;         ///< distinct_n(text, 1)
    std::optional<double> distinct_2;         ///< distinct_n(text, 2)
    std::optional<double> words;              ///< how many score_words()
    std::optional<double> copied_words;       ///< the longest run of words that stands in a training solution too; absent without an index
    std::optional<double> copied_share;       ///< copied_words / words
    std::optional<std::int64_t> copied_from;  ///< the training row of that run

    bool operator==(const Scores&) const = default;
};

enum class BetterWhen { Higher, Lower, Neither };
enum class ScoreUnit { Share, Ratio, Count, Nats };  ///< shown as 97 %, 0.97, 12.3, 1.23

/// One measure: its name in JSON and CSV, how to find it, how to read it. Titles and meanings are English; a window translates them.
struct ScoreKind {
    const char* name;
    std::optional<double> Scores::* value;
    BetterWhen better;
    ScoreUnit unit;
    const char* title;
    const char* meaning;
    /// Values multiply rather than add up: means are geometric, and a gain is a factor.
    bool multiplies = false;
};

/// The measure of this name; null: there is none.
[[nodiscard]] const ScoreKind* find_score_kind(std::string_view name);

/// Sets solution_loss, and perplexity with it.
void set_solution_loss(Scores& scores, std::optional<double> nats);

/// All measures in the order they are shown.
[[nodiscard]] std::span<const ScoreKind> score_kinds();

/// Measures one text against the true solution (empty: not known) and the training solutions (null: not known).
/// solution_loss and perplexity need the model and stay absent.
[[nodiscard]] Scores score_text(std::string_view text, std::string_view solution, const CopyIndex* training = nullptr);

/// 1 when both are equal but for white space at either end, else 0.
[[nodiscard]] double exact_match(std::string_view text, std::string_view solution);

/// 1 when answer_number() of both is equal, to one part in 10⁹; else 0. Absent when the solution has no number.
[[nodiscard]] std::optional<double> number_match(std::string_view text, std::string_view solution);

/// The answer in a worked solution: the number after "####" where there is one (GSM8K, Cobbe et al. 2021), else the last number.
/// Thousands commas are skipped; a minus sign counts when no letter or digit stands right before it.
[[nodiscard]] std::optional<double> answer_number(std::string_view text);

void to_json(Json& json, const Scores& scores);
[[nodiscard]] Result<Scores> scores_from_json(const Json& json);

}  // namespace lossmith
