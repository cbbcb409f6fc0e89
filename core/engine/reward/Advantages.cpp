#include "core/engine/reward/Advantages.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lossmith::engine {
namespace {

constexpr double baseline_memory = 0.9;
constexpr double grpo_epsilon = 1e-4;

std::vector<double> minus(const std::vector<double>& rewards, double baseline) {
    std::vector<double> result;
    for (const double reward : rewards) result.push_back(reward - baseline);
    return result;
}

std::vector<double> leave_one_out(const std::vector<double>& rewards) {
    const double sum = std::accumulate(rewards.begin(), rewards.end(), 0.0);
    std::vector<double> result;
    for (const double reward : rewards) result.push_back(reward - (sum - reward) / static_cast<double>(rewards.size() - 1));
    return result;
}

/// The gradient of the expected reward under the sharpened distribution over these completions.
std::vector<double> of_expected_risk(const RewardedGroup& group, double alpha) {
    const double highest = *std::max_element(group.log_probs.begin(), group.log_probs.end());
    std::vector<double> shares;
    for (const double log_prob : group.log_probs) shares.push_back(std::exp(alpha * (log_prob - highest)));
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    double expected = 0.0;
    for (std::size_t i = 0; i < shares.size(); ++i) expected += shares[i] / sum * group.rewards[i];
    std::vector<double> result;
    for (std::size_t i = 0; i < shares.size(); ++i) result.push_back(alpha * shares[i] / sum * (group.rewards[i] - expected));
    return result;
}

}  // namespace

std::vector<double> advantages(const RewardedGroup& group, const AdvantageSetting& setting) {
    if (setting.method == "reinforce") return minus(group.rewards, setting.baseline);
    if (setting.method == "self_critical") return minus(group.rewards, group.greedy.value_or(0.0));
    if (group.rewards.size() < 2) return std::vector<double>(group.rewards.size(), 0.0);
    if (setting.method == "rloo") return leave_one_out(group.rewards);
    if (setting.method == "minimum_risk") return of_expected_risk(group, setting.risk_alpha);
    std::vector<double> result = minus(group.rewards, mean_of(group.rewards));
    const double scale = deviation_of(group.rewards) + grpo_epsilon;
    for (double& advantage : result) advantage /= scale;
    return result;
}

double next_baseline(std::optional<double> baseline, double mean_reward) {
    return baseline ? baseline_memory * *baseline + (1.0 - baseline_memory) * mean_reward : mean_reward;
}

double mean_of(std::span<const double> values) {
    return values.empty() ? 0.0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
    if (values.size() < 2) return 0.0;
    const double mean = mean_of(values);
    double squares = 0.0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace lossmith::engine
