// Which rows meet in which step: decided before the run by lengths and seed alone. No Torch: the estimate uses it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/config/RunConfig.h"

namespace lossmith::engine {

/// Indices into the examples; one inner vector a micro-batch.
using PlannedStep = std::vector<std::vector<std::size_t>>;

class BatchPlan {
public:
    /// `lengths`: tokens of each example. With group_by_length, rows are shuffled, taken fifty steps at a time, sorted by
    /// length within, cut into micro-batches and the micro-batches shuffled again: batches of like length in random order.
    BatchPlan(std::vector<std::size_t> lengths, const RunConfig& config);

    [[nodiscard]] std::int64_t steps_per_epoch() const;
    [[nodiscard]] std::int64_t total_steps() const;

    /// The rows of a step, from zero. Steps may be asked for in any order; an epoch's order is made once.
    [[nodiscard]] const PlannedStep& step(std::int64_t step);

    /// Tokens computed over the whole run, padding included, and how many of them are padding.
    struct Cost {
        std::int64_t tokens = 0;
        std::int64_t padding = 0;
        double pairs = 0.0;                   ///< of each of these tokens with each of its row
        std::int64_t widest_micro_batch = 0;  ///< most tokens (rows × longest row) in one micro-batch
        std::int64_t longest_row = 0;
    };
    [[nodiscard]] Cost cost();

private:
    void order_epoch(std::int64_t epoch);

    std::vector<std::size_t> m_lengths;
    std::size_t m_rows_per_micro_batch;
    std::size_t m_micro_batches_per_step;
    bool m_group_by_length;
    std::uint64_t m_seed;
    double m_epochs;
    std::int64_t m_max_steps;
    std::int64_t m_ordered_epoch = -1;
    std::vector<PlannedStep> m_epoch;
};

}  // namespace lossmith::engine
