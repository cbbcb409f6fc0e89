// How sure a mean over few rows is, and whether two models differ by more than chance.
#pragma once

#include <cstdint>
#include <span>

namespace lossmith {

struct Interval {
    double mean = 0.0;
    double low = 0.0;
    double high = 0.0;
    bool operator==(const Interval&) const = default;
};

/// The mean with its 95 % percentile bootstrap interval (Efron 1979): the rows are drawn again with replacement `resamples` times,
/// and the interval runs from the 2.5 % to the 97.5 % quantile of the means. The same seed gives the same interval on every machine.
/// All zeros without values; no width with one.
[[nodiscard]] Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed = 42, int resamples = 2000);

/// Two-sided p-value of the paired sign-flip permutation test (Fisher 1935) of the mean difference `second - first`: the share of
/// ways to swap the members of pairs that give a mean at least as far from zero. All 2^n ways up to 14 pairs that differ; beyond,
/// `rounds` random ones, counted as (hits + 1) / (rounds + 1) (Phipson & Smyth 2010). 1 without pairs. Spans of equal length.
[[nodiscard]] double paired_permutation_p(std::span<const double> first, std::span<const double> second, std::uint64_t seed = 42,
                                          int rounds = 10'000);

}  // namespace lossmith
