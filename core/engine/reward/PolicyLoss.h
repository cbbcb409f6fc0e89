// The policy gradient as a loss over the tokens that the model drew, so that it goes through the same head, in the same chunks.
#pragma once

#include <vector>

#include "core/base/Result.h"
#include "core/engine/loss/Loss.h"

namespace lossmith::engine {

/// Each token's figures in the order of the labels, as the passes come.
struct PolicyTrace {
    std::vector<float> log_probs;  ///< nats, under softmax(logits / temperature)
    std::vector<float> kl;         ///< nats, the estimate below; zeros without a base
    std::vector<float> entropy;    ///< nats, of the whole distribution
};

struct PolicySetting {
    double temperature = 1.0;
    double beta = 0.0;  ///< 0: base_logits are not asked for
    double epsilon = 0.2;
};

/// With l the token's log-probability now, l₀ when it was drawn, ρ = exp(l - l₀), A its advantage:
///   -min(ρ A, clip(ρ, 1 - ε, 1 + ε) A)                   (Schulman et al. 2017, equation 7; its gradient at ρ = 1 is that of -A l)
///   + β (exp(b - l) - (b - l) - 1), b the base's          (k3 of Schulman, "Approximating KL divergence", 2020; as GRPO has it)
/// each token times its weight. Parts: policy, kl (without β), entropy, clipped: weighted sums, of which only policy + β kl is the loss.
class PolicyLoss final : public Loss {
public:
    /// `trace`: filled at each evaluation when not null; must outlive the loss.
    explicit PolicyLoss(PolicySetting setting, PolicyTrace* trace = nullptr) : m_setting(setting), m_trace(trace) {}

    [[nodiscard]] bool separable_by_token() const override { return true; }
    [[nodiscard]] LossNeeds needs() const override { return {m_setting.beta > 0.0, false, false}; }
    /// `inputs.sampled` must be there.
    [[nodiscard]] Result<LossValue> evaluate(const LossInputs& inputs) const override;
    /// The same by hand: two passes over each row of logits and one over the base's, in place.
    [[nodiscard]] Result<LossGradient> with_gradient(LossInputs inputs, double weight) const override;

private:
    PolicySetting m_setting;
    PolicyTrace* m_trace;
};

}  // namespace lossmith::engine
