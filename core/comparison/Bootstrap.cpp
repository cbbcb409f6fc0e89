#include "core/comparison/Bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace lossmith {
namespace {

/// Linear interpolation between order statistics, as numpy.quantile does by default.
double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// A number below `size` (itself below 2^32), the same on every machine, which std::uniform_int_distribution does not promise.
std::size_t draw_below(std::mt19937_64& random, std::size_t size) {
    return static_cast<std::size_t>(((random() >> 32U) * std::uint64_t{size}) >> 32U);
}

}  // namespace

Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed, int resamples) {
    if (values.empty()) return {};
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    if (*least == *most || resamples < 1) return {*least == *most ? *least : mean, *least, *most};
    std::mt19937_64 random(seed);
    std::vector<double> means(static_cast<std::size_t>(resamples));
    for (double& resampled : means) {
        double sum = 0.0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += values[draw_below(random, values.size())];
        resampled = sum / count;
    }
    std::sort(means.begin(), means.end());
    return {mean, quantile(means, 0.025), quantile(means, 0.975)};
}

double paired_permutation_p(std::span<const double> first, std::span<const double> second, std::uint64_t seed, int rounds) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
        if (first[i] != second[i]) differences.push_back(second[i] - first[i]);
    if (differences.empty()) return 1.0;
    const double size =
        std::accumulate(differences.begin(), differences.end(), 0.0, [](double sum, double d) { return sum + std::abs(d); });
    // Sums of the same numbers in another order differ in their last bits; what is equal on paper counts as equal here.
    const double seen = std::abs(std::accumulate(differences.begin(), differences.end(), 0.0)) - 1e-12 * size;

    constexpr std::size_t exact_up_to = 14;
    if (differences.size() <= exact_up_to) {
        const std::uint64_t ways = std::uint64_t{1} << differences.size();
        std::uint64_t hits = 0;
        for (std::uint64_t signs = 0; signs < ways; ++signs) {
            double sum = 0.0;
            for (std::size_t i = 0; i < differences.size(); ++i) sum += (signs >> i & 1U) != 0 ? -differences[i] : differences[i];
            hits += std::abs(sum) >= seen;
        }
        return static_cast<double>(hits) / static_cast<double>(ways);
    }
    std::mt19937_64 random(seed);
    std::int64_t hits = 0;
    for (int round = 0; round < rounds; ++round) {
        double sum = 0.0;
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < differences.size(); ++i) {
            if (i % 64 == 0) bits = random();
            sum += (bits >> (i % 64) & 1U) != 0 ? -differences[i] : differences[i];
        }
        hits += std::abs(sum) >= seen;
    }
    return static_cast<double>(hits + 1) / static_cast<double>(rounds + 1);
}

}  // namespace lossmith
