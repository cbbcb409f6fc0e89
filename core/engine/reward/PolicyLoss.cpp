#include "core/engine/reward/PolicyLoss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/min.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/zeros_like.h>

namespace lossmith::engine {
namespace {

at::Tensor log_probs_of(const at::Tensor& log_softmax, const at::Tensor& labels) {
    return log_softmax.gather(1, labels.unsqueeze(1)).squeeze(1);
}

void append_values(std::vector<float>& values, const at::Tensor& more) {
    const at::Tensor flat = more.to(at::kFloat).contiguous();
    const float* data = flat.data_ptr<float>();
    values.insert(values.end(), data, data + flat.numel());
}

}  // namespace

Result<LossValue> PolicyLoss::evaluate(const LossInputs& inputs) const {
    const SampledTokens& sampled = inputs.sampled;
    if (!sampled.weights.defined() || !sampled.advantages.defined())
        return failure(Error::internal("The policy gradient was asked for tokens that were not drawn."));
    const at::Tensor now = at::log_softmax(inputs.logits / m_setting.temperature, -1);
    const at::Tensor log_probs = log_probs_of(now, inputs.labels);
    const at::Tensor ratio = (log_probs - (sampled.log_probs.defined() ? sampled.log_probs : log_probs.detach())).exp();
    const at::Tensor clamped = ratio.clamp(1.0 - m_setting.epsilon, 1.0 + m_setting.epsilon);
    const at::Tensor policy = -at::minimum(ratio * sampled.advantages, clamped * sampled.advantages);
    at::Tensor kl = at::zeros_like(log_probs);
    if (m_setting.beta > 0.0) {
        const at::Tensor away = log_probs_of(at::log_softmax(inputs.base_logits / m_setting.temperature, -1), inputs.labels) - log_probs;
        kl = away.exp() - away - 1.0;
    }
    LossValue value;
    value.sum = (sampled.weights * (policy + m_setting.beta * kl)).sum();

    const at::NoGradGuard figures_only;
    const at::Tensor entropy = -(now.exp() * now).sum(-1);
    // Clipped is a token whose ratio no longer gets a gradient.
    const at::Tensor clipped = (ratio * sampled.advantages > clamped * sampled.advantages).to(at::kFloat);
    value.parts = {{"policy", (sampled.weights * policy).sum()},
                   {"kl", (sampled.weights * kl).sum()},
                   {"entropy", (sampled.weights * entropy).sum()},
                   {"clipped", (sampled.weights * clipped).sum()}};
    if (m_trace != nullptr) {
        append_values(m_trace->log_probs, log_probs);
        append_values(m_trace->kl, kl);
        append_values(m_trace->entropy, entropy);
    }
    return value;
}

}  // namespace lossmith::engine
