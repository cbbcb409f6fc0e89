// A vote in which nobody can tell the models apart: rows shuffled, sides hidden, the result told at the end. Each pair is the base's text
// and a tuned model's; several tuned models take turns, row by row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/comparison/Comparison.h"

namespace lossmith::ui {

enum class Vote { None, First, Second, Neither };

/// One pair as the voter sees it.
struct Ballot {
    std::string problem;
    std::string solution;
    std::string first;
    std::string second;
    bool first_is_tuned = false;
    std::size_t model = 1;  ///< the tuned one's place among the models
    Vote vote = Vote::None;
};

struct VoteResult {
    int tuned = 0;
    int base = 0;
    int neither = 0;
    double p = 1.0;  ///< two-sided sign test of the votes that chose
};

class BlindVote {
public:
    /// Rows whose texts are equal are left out. The same seed gives the same order and sides.
    BlindVote(const std::vector<ComparisonRow>& rows, std::uint64_t seed);

    [[nodiscard]] int size() const { return static_cast<int>(m_ballots.size()); }
    [[nodiscard]] int position() const { return m_position; }
    [[nodiscard]] bool is_over() const { return m_position >= size(); }
    [[nodiscard]] const Ballot& current() const { return m_ballots[static_cast<std::size_t>(m_position)]; }

    void cast(Vote vote);  ///< goes on to the next pair
    void back();
    void end() { m_position = size(); }  ///< those not voted on do not count
    /// Of the pairs in which this tuned model stood against the base.
    [[nodiscard]] VoteResult result(std::size_t model = 1) const;

private:
    std::vector<Ballot> m_ballots;
    int m_position = 0;
};

}  // namespace lossmith::ui
