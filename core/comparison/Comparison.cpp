#include "core/comparison/Comparison.h"

#include <cmath>

#include "core/comparison/CopyIndex.h"

namespace lossmith {
namespace {

Interval exponential(const Interval& of_logarithms) {
    return {std::exp(of_logarithms.mean), std::exp(of_logarithms.low), std::exp(of_logarithms.high)};
}

ScoreSummary summary_of(const std::vector<ComparisonRow>& rows, std::size_t model, const ScoreKind& kind, std::uint64_t seed) {
    std::vector<double> base;
    std::vector<double> tuned;
    std::vector<double> gain;
    const auto counted = [&](double value) { return kind.multiplies ? std::log(value) : value; };
    for (const ComparisonRow& row : rows) {
        if (row.texts.size() <= model) continue;
        const auto& before = row.texts.front().scores.*kind.value;
        const auto& after = row.texts[model].scores.*kind.value;
        if (!before || !after) continue;
        base.push_back(counted(*before));
        tuned.push_back(counted(*after));
        gain.push_back(tuned.back() - base.back());
    }
    ScoreSummary summary;
    summary.rows = static_cast<std::int64_t>(base.size());
    summary.base = bootstrap_mean(base, seed);
    summary.tuned = bootstrap_mean(tuned, seed);
    summary.gain = bootstrap_mean(gain, seed);
    summary.p = paired_permutation_p(base, tuned, seed);
    if (kind.multiplies && summary.rows > 0)
        for (Interval* each : {&summary.base, &summary.tuned, &summary.gain}) *each = exponential(*each);
    return summary;
}

}  // namespace

void score(Comparison& comparison, const CopyIndex* training, std::uint64_t seed) {
    for (ComparisonRow& row : comparison.rows)
        for (ComparedText& text : row.texts) {
            const auto loss = text.scores.solution_loss;
            text.scores = score_text(text.text, row.solution, training);
            set_solution_loss(text.scores, loss);
        }
    summarise(comparison, seed);
}

void summarise(Comparison& comparison, std::uint64_t seed) {
    comparison.summaries.clear();
    for (std::size_t model = 1; model < comparison.models.size(); ++model) {
        ScoreSummaries& summaries = comparison.summaries.emplace_back();
        for (const ScoreKind& kind : score_kinds()) {
            const ScoreSummary summary = summary_of(comparison.rows, model, kind, seed);
            if (summary.rows > 0) summaries[kind.name] = summary;
        }
    }
}

std::optional<double> gain_of(const ComparisonRow& row, std::size_t model, const ScoreKind& kind) {
    if (row.texts.size() <= model) return std::nullopt;
    const auto& base = row.texts.front().scores.*kind.value;
    const auto& tuned = row.texts[model].scores.*kind.value;
    if (!base || !tuned) return std::nullopt;
    return kind.better == BetterWhen::Lower ? *base - *tuned : *tuned - *base;
}

}  // namespace lossmith
