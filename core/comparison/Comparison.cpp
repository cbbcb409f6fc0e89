#include "core/comparison/Comparison.h"

#include "core/comparison/CopyIndex.h"

namespace lossmith {
namespace {

ScoreSummary summary_of(const std::vector<ComparisonRow>& rows, const ScoreKind& kind, std::uint64_t seed) {
    std::vector<double> base;
    std::vector<double> tuned;
    std::vector<double> gain;
    for (const ComparisonRow& row : rows) {
        const auto& before = row.base.scores.*kind.value;
        const auto& after = row.tuned.scores.*kind.value;
        if (!before || !after) continue;
        base.push_back(*before);
        tuned.push_back(*after);
        gain.push_back(*after - *before);
    }
    ScoreSummary summary;
    summary.rows = static_cast<std::int64_t>(base.size());
    summary.base = bootstrap_mean(base, seed);
    summary.tuned = bootstrap_mean(tuned, seed);
    summary.gain = bootstrap_mean(gain, seed);
    summary.p = paired_permutation_p(base, tuned, seed);
    return summary;
}

void score_side(ComparedText& side, const std::string& solution, const CopyIndex* training) {
    const auto loss = side.scores.solution_loss;
    side.scores = score_text(side.text, solution, training);
    side.scores.solution_loss = loss;
}

}  // namespace

void score(Comparison& comparison, const CopyIndex* training, std::uint64_t seed) {
    for (ComparisonRow& row : comparison.rows) {
        score_side(row.base, row.solution, training);
        score_side(row.tuned, row.solution, training);
    }
    summarise(comparison, seed);
}

void summarise(Comparison& comparison, std::uint64_t seed) {
    comparison.summary.clear();
    for (const ScoreKind& kind : score_kinds()) {
        const ScoreSummary summary = summary_of(comparison.rows, kind, seed);
        if (summary.rows > 0) comparison.summary[kind.name] = summary;
    }
}

}  // namespace lossmith
