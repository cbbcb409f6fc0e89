// Base and tuned model on the same prompts: texts, scores, and whether the difference is more than chance.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/comparison/Bootstrap.h"
#include "core/comparison/Scores.h"

namespace lossmith {

class CopyIndex;

/// What one model wrote.
struct ComparedText {
    std::string text;
    Scores scores;
    bool operator==(const ComparedText&) const = default;
};

struct ComparisonRow {
    std::string problem;
    std::string prompt;    ///< the text that was encoded
    std::string solution;  ///< the true one; empty: not known
    ComparedText base;
    ComparedText tuned;
    bool operator==(const ComparisonRow&) const = default;
};

/// One measure over all rows in which both texts have it.
struct ScoreSummary {
    std::int64_t rows = 0;
    Interval base;
    Interval tuned;
    Interval gain;   ///< of tuned - base, row by row
    double p = 1.0;  ///< paired_permutation_p()
    bool operator==(const ScoreSummary&) const = default;
};

struct Comparison {
    std::string base_model;          ///< as the user calls it: "starter"
    std::string tuned_model;         ///< "run 7, step 561"
    std::string note;                ///< where the prompts come from and how the texts were had: "300 held-out rows · greedy · 60 tokens"
    Json sampling = Json::object();  ///< the SamplingConfig
    std::vector<ComparisonRow> rows;
    std::map<std::string, ScoreSummary> summary;  ///< by ScoreKind::name
    bool operator==(const Comparison&) const = default;
};

/// Fills in every text's scores (a solution_loss already there is kept) and the summary.
void score(Comparison& comparison, const CopyIndex* training = nullptr, std::uint64_t seed = 42);

/// Only the summary, from scores already there.
void summarise(Comparison& comparison, std::uint64_t seed = 42);

/// `{base_model, tuned_model, note, sampling, prompts: [{problem, prompt, solution, base: {text, scores}, tuned: {text, scores}}],
/// summary: {NAME: {rows, base: {mean, low, high}, tuned: {…}, gain: {…}, p}}}`. Invalid UTF-8 becomes U+FFFD.
void to_json(Json& json, const Comparison& comparison);
[[nodiscard]] Result<Comparison> comparison_from_json(const Json& json);

/// One line a row: problem, prompt, solution, both texts, each score of base and of tuned ("base_rouge_l", "tuned_rouge_l", …).
/// RFC 4180: CRLF line ends, quotes doubled. A cell that a spreadsheet would run as a formula is led by an apostrophe.
[[nodiscard]] std::string comparison_csv(const Comparison& comparison);

}  // namespace lossmith
