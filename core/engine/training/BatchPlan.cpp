#include "core/engine/training/BatchPlan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace lossmith::engine {
namespace {

constexpr std::size_t steps_sorted_together = 50;

/// std::shuffle's result differs between standard libraries; this one does not (Fisher & Yates).
template <typename T>
void shuffle(std::vector<T>& values, std::mt19937_64& random) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

}  // namespace

BatchPlan::BatchPlan(std::vector<std::size_t> lengths, const RunConfig& config)
    : m_lengths(std::move(lengths)),
      m_rows_per_micro_batch(static_cast<std::size_t>(std::max(1, config.per_device_train_batch_size))),
      m_micro_batches_per_step(static_cast<std::size_t>(std::max(1, config.gradient_accumulation_steps))),
      m_group_by_length(config.group_by_length),
      m_seed(config.seed),
      m_epochs(config.num_train_epochs),
      m_max_steps(config.max_steps) {}

std::int64_t BatchPlan::steps_per_epoch() const {
    const std::size_t rows = m_rows_per_micro_batch * m_micro_batches_per_step;
    return static_cast<std::int64_t>((m_lengths.size() + rows - 1) / rows);
}

std::int64_t BatchPlan::total_steps() const {
    if (m_max_steps > 0) return m_max_steps;
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(m_epochs * static_cast<double>(steps_per_epoch()))));
}

void BatchPlan::order_epoch(std::int64_t epoch) {
    std::mt19937_64 random(m_seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(epoch));
    std::vector<std::size_t> rows(m_lengths.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    shuffle(rows, random);

    const std::size_t step_rows = m_rows_per_micro_batch * m_micro_batches_per_step;
    if (m_group_by_length)
        for (std::size_t begin = 0; begin < rows.size(); begin += step_rows * steps_sorted_together) {
            const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), begin + step_rows * steps_sorted_together));
            std::stable_sort(first, last, [this](std::size_t a, std::size_t b) { return m_lengths[a] > m_lengths[b]; });
        }

    std::vector<std::vector<std::size_t>> micro_batches;
    for (std::size_t begin = 0; begin < rows.size(); begin += m_rows_per_micro_batch)
        micro_batches.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                   rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), begin + m_rows_per_micro_batch)));
    if (m_group_by_length) shuffle(micro_batches, random);

    m_epoch.assign(static_cast<std::size_t>(steps_per_epoch()), {});
    for (std::size_t i = 0; i < micro_batches.size(); ++i) m_epoch[i / m_micro_batches_per_step].push_back(std::move(micro_batches[i]));
    m_ordered_epoch = epoch;
}

const PlannedStep& BatchPlan::step(std::int64_t step) {
    const std::int64_t epoch = step / steps_per_epoch();
    if (epoch != m_ordered_epoch) order_epoch(epoch);
    return m_epoch[static_cast<std::size_t>(step % steps_per_epoch())];
}

BatchPlan::Cost BatchPlan::cost() {
    Cost cost;
    for (std::int64_t at = 0; at < total_steps(); ++at)
        for (const auto& rows : step(at)) {
            std::size_t longest = 0;
            std::size_t real = 0;
            for (const std::size_t row : rows) {
                longest = std::max(longest, m_lengths[row]);
                real += m_lengths[row];
            }
            const auto computed = static_cast<std::int64_t>(longest * rows.size());
            cost.tokens += computed;
            cost.pairs += static_cast<double>(computed) * static_cast<double>(longest);
            cost.padding += computed - static_cast<std::int64_t>(real);
            cost.widest_micro_batch = std::max(cost.widest_micro_batch, computed);
            cost.longest_row = std::max(cost.longest_row, static_cast<std::int64_t>(longest));
        }
    return cost;
}

}  // namespace lossmith::engine
