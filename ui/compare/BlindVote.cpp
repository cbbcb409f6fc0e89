#include "ui/compare/BlindVote.h"

#include <algorithm>
#include <random>

#include "core/comparison/Bootstrap.h"
#include "core/comparison/Words.h"

namespace lossmith::ui {

BlindVote::BlindVote(const std::vector<ComparisonRow>& rows, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::size_t turn = 0;
    for (const ComparisonRow& row : rows) {
        if (row.texts.size() < 2) continue;
        const std::size_t model = 1 + turn++ % (row.texts.size() - 1);
        const ComparedText& base = row.texts.front();
        const ComparedText& tuned = row.texts[model];
        if (trimmed(base.text) == trimmed(tuned.text)) continue;
        const bool tuned_first = (random() >> 63U) != 0;
        m_ballots.push_back({row.problem.empty() ? row.prompt : row.problem, row.solution, (tuned_first ? tuned : base).text,
                             (tuned_first ? base : tuned).text, tuned_first, model, Vote::None});
    }
    // Fisher and Yates by hand: std::shuffle differs from library to library.
    for (std::size_t i = m_ballots.size(); i > 1; --i) std::swap(m_ballots[i - 1], m_ballots[random() % i]);
}

void BlindVote::cast(Vote vote) {
    if (is_over()) return;
    m_ballots[static_cast<std::size_t>(m_position)].vote = vote;
    ++m_position;
}

void BlindVote::back() {
    m_position = std::max(0, m_position - 1);
}

VoteResult BlindVote::result(std::size_t model) const {
    VoteResult result;
    std::vector<double> for_base;
    std::vector<double> for_tuned;
    for (const Ballot& ballot : m_ballots) {
        if (ballot.vote == Vote::None || ballot.model != model) continue;
        if (ballot.vote == Vote::Neither) {
            ++result.neither;
            continue;
        }
        const bool tuned = (ballot.vote == Vote::First) == ballot.first_is_tuned;
        (tuned ? result.tuned : result.base) += 1;
        for_base.push_back(tuned ? 0.0 : 1.0);
        for_tuned.push_back(tuned ? 1.0 : 0.0);
    }
    // Sign flips of pairs of 0 and 1 are the sign test.
    result.p = paired_permutation_p(for_base, for_tuned);
    return result;
}

}  // namespace lossmith::ui
