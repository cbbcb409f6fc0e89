#include "core/engine/model/Distribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lossmith::engine {

Distribution::Distribution(std::span<const float> logits) : m_logits(logits), m_row(softmax_row(logits.data(), logits.size(), 0, 1.0F)) {}

bool Distribution::finite() const {
    return std::isfinite(m_row.maximum) && std::isfinite(m_row.sum) && std::isfinite(m_row.entropy);
}

double Distribution::log_sum_exp() const {
    return static_cast<double>(m_row.maximum) + std::log(m_row.sum);
}

double Distribution::probability(TokenId id) const {
    return std::exp(log_probability(id));
}

std::int64_t Distribution::rank(TokenId id) const {
    return static_cast<std::int64_t>(rank_in_row(m_logits.data(), m_logits.size(), static_cast<std::size_t>(id)));
}

std::vector<TokenId> Distribution::most_probable(int k) const {
    const std::size_t kept = std::min(static_cast<std::size_t>(std::max(0, k)), m_logits.size());
    if (kept == 0) return {};
    const auto before = [this](TokenId a, TokenId b) {
        const float left = m_logits[static_cast<std::size_t>(a)];
        const float right = m_logits[static_cast<std::size_t>(b)];
        return left != right ? left > right : a < b;
    };
    // A heap with the least of the kept at its front: of a whole vocabulary few tokens ever enter it.
    std::vector<TokenId> ids(kept);
    std::iota(ids.begin(), ids.end(), 0);
    std::make_heap(ids.begin(), ids.end(), before);
    float least = m_logits[static_cast<std::size_t>(ids.front())];
    for (std::size_t id = kept; id < m_logits.size(); ++id) {
        if (m_logits[id] <= least) continue;
        std::pop_heap(ids.begin(), ids.end(), before);
        ids.back() = static_cast<TokenId>(id);
        std::push_heap(ids.begin(), ids.end(), before);
        least = m_logits[static_cast<std::size_t>(ids.front())];
    }
    std::sort_heap(ids.begin(), ids.end(), before);
    return ids;
}

double Distribution::divergence_from(const Distribution& other) const {
    return divergence_of_rows(m_logits.data(), m_row, other.m_logits.data(), other.m_row, m_logits.size());
}

void Distribution::add_to(std::span<double> sums) const {
    add_probabilities(m_logits.data(), m_logits.size(), m_row, sums.data());
}

}  // namespace lossmith::engine
