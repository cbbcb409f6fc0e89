#include "ui/compare/BlindVote.h"

#include <algorithm>
#include <random>

#include "core/comparison/Bootstrap.h"
#include "core/comparison/Words.h"

namespace lossmith::ui {

BlindVote::BlindVote(const std::vector<ComparisonRow>& rows, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (const ComparisonRow& row : rows) {
        if (trimmed(row.base.text) == trimmed(row.tuned.text)) continue;
        const bool tuned_first = (random() >> 63U) != 0;
        const ComparedText& first = tuned_first ? row.tuned : row.base;
        const ComparedText& second = tuned_first ? row.base : row.tuned;
        m_ballots.push_back(
            {row.problem.empty() ? row.prompt : row.problem, row.solution, first.text, second.text, tuned_first, Vote::None});
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

VoteResult BlindVote::result() const {
    VoteResult result;
    std::vector<double> for_base;
    std::vector<double> for_tuned;
    for (const Ballot& ballot : m_ballots) {
        if (ballot.vote == Vote::None) continue;
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
