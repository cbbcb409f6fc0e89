// A base and one or more tuned models on the same prompts: texts, scores, and whether the differences are more than chance.
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
    std::string prompt;               ///< the text that was encoded
    std::string solution;             ///< the true one; empty: not known
    std::vector<ComparedText> texts;  ///< one a model, in the order of Comparison::models
    bool operator==(const ComparisonRow&) const = default;
};

/// One measure of a tuned model against the base, over all rows in which both texts have it.
struct ScoreSummary {
    std::int64_t rows = 0;
    Interval base;
    Interval tuned;
    Interval gain;   ///< of tuned - base, row by row; of tuned / base where the measure multiplies
    double p = 1.0;  ///< paired_permutation_p()
    bool operator==(const ScoreSummary&) const = default;
};

/// By ScoreKind::name.
using ScoreSummaries = std::map<std::string, ScoreSummary>;

struct Comparison {
    std::vector<std::string> models;  ///< as the user calls them, the base first: "starter", "run 7, step 561"
    std::string note;                 ///< where the prompts come from and how the texts were had: "300 held-out rows · greedy · 60 tokens"
    Json sampling = Json::object();   ///< the SamplingConfig
    std::vector<ComparisonRow> rows;
    std::vector<ScoreSummaries> summaries;  ///< one a model after the base; empty: not summed up yet
    bool operator==(const Comparison&) const = default;
};

/// Fills in every text's scores (a solution_loss already there is kept) and the summaries.
void score(Comparison& comparison, const CopyIndex* training = nullptr, std::uint64_t seed = 42);

/// Only the summaries, from scores already there.
void summarise(Comparison& comparison, std::uint64_t seed = 42);

/// How much better the text of `model` scores than the base's: above zero is better, also where a lower score is. What is neither good nor
/// bad is the plain difference. Absent where one of them has no such score.
[[nodiscard]] std::optional<double> gain_of(const ComparisonRow& row, std::size_t model, const ScoreKind& kind);

/// `{models, note, sampling, prompts: [{problem, prompt, solution, texts: [{text, scores}]}], summary: [{model, scores: {NAME: {rows,
/// base: {mean, low, high}, tuned: {…}, gain: {…}, p}}}]}`, texts in the order of `models`, whose first is the base.
/// Invalid UTF-8 becomes U+FFFD.
void to_json(Json& json, const Comparison& comparison);
[[nodiscard]] Result<Comparison> comparison_from_json(const Json& json);

/// One line a row: problem, prompt, solution, each model's text, each score of each model. The base's columns begin with "base", those of
/// the tuned model with "tuned" ("tuned_rouge_l"), of several with "tuned_1" and so on. RFC 4180: CRLF line ends, quotes doubled.
/// A cell that a spreadsheet would run as a formula is led by an apostrophe.
[[nodiscard]] std::string comparison_csv(const Comparison& comparison);

}  // namespace lossmith
