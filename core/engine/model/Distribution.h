// A row of logits as a distribution over the vocabulary: what generation and inspection tell of it. No Torch here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/engine/model/VectorMath.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// softmax(logits), never written out. The logits must outlive it; ids are the caller's to keep inside them.
class Distribution {
public:
    Distribution() = default;
    explicit Distribution(std::span<const float> logits);

    /// Whether every logit is a finite number. Where one is not, nothing else here means anything.
    [[nodiscard]] bool finite() const;

    [[nodiscard]] std::span<const float> logits() const { return m_logits; }
    [[nodiscard]] double logit(TokenId id) const { return static_cast<double>(m_logits[static_cast<std::size_t>(id)]); }
    [[nodiscard]] double log_sum_exp() const;
    [[nodiscard]] double entropy() const { return m_row.entropy; }  ///< nats
    [[nodiscard]] double log_probability(TokenId id) const { return logit(id) - log_sum_exp(); }
    [[nodiscard]] double probability(TokenId id) const;
    [[nodiscard]] std::int64_t rank(TokenId id) const;  ///< 1: the most probable; equal logits rank by id

    /// The k most probable ids (all where there are fewer), by rank.
    [[nodiscard]] std::vector<TokenId> most_probable(int k) const;

    /// KL(this‖other), nats; both over one vocabulary.
    [[nodiscard]] double divergence_from(const Distribution& other) const;

    /// Adds each token's probability to its place in `sums`.
    void add_to(std::span<double> sums) const;

private:
    std::span<const float> m_logits;
    SoftmaxRow m_row;
};

}  // namespace lossmith::engine
