// From the rewards of a prompt's completions to the weight that each one's log-probability gets in the gradient. No Torch.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lossmith::engine {

/// The completions of one prompt.
struct RewardedGroup {
    std::vector<double> rewards;         ///< one a completion
    std::vector<double> log_probs = {};  ///< each one's sum over its tokens; for minimum_risk alone
    std::optional<double> greedy = {};   ///< the greedy reply's reward; for self_critical alone
};

/// What the methods keep between steps or take from the run's config.
struct AdvantageSetting {
    std::string method = "grpo";
    double baseline = 0.0;  ///< the running mean of rewards, for reinforce
    double risk_alpha = 0.05;
};

/// One number a completion; the gradient is that of -Σ advantage · log-probability. With r the rewards of a prompt's G completions:
///   reinforce      r - b, b the running mean over steps                               (Williams 1992, with its baseline)
///   self_critical  r - r(greedy reply)                                                (Rennie et al. 2017, equation 9)
///   rloo           r - mean of the other G - 1                                        (Kool et al. 2019; Ahmadian et al. 2024, equation 8)
///   grpo           (r - mean) / (standard deviation + 1e-4), G - 1 in its denominator (Shao et al. 2024, section 4.1.2; as TRL)
///   minimum_risk   α Q (r - Σ Q r), Q ∝ exp(α log-probability)                        (Shen et al. 2016, equations 10 to 12)
/// rloo, grpo and minimum_risk give zeros to a completion that is alone.
[[nodiscard]] std::vector<double> advantages(const RewardedGroup& group, const AdvantageSetting& setting);

/// The running mean after another step's mean reward: 0.9 of the old; the first is taken as it is.
[[nodiscard]] double next_baseline(std::optional<double> baseline, double mean_reward);

[[nodiscard]] double mean_of(std::span<const double> values);
/// With one less than the count in the denominator, as torch.std; zero for fewer than two.
[[nodiscard]] double deviation_of(std::span<const double> values);

}  // namespace lossmith::engine
