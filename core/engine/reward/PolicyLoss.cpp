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

#include <algorithm>
#include <cmath>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

at::Tensor log_probs_of(const at::Tensor& log_softmax, const at::Tensor& labels) {
    return log_softmax.gather(1, labels.unsqueeze(1)).squeeze(1);
}

void append_values(std::vector<float>& values, const at::Tensor& more) {
    const at::Tensor flat = more.to(at::kCPU, at::kFloat).contiguous();
    const float* data = flat.data_ptr<float>();
    values.insert(values.end(), data, data + flat.numel());
}

/// What the loss makes of one token's log-probabilities, in plain numbers.
struct TokenTerm {
    double policy = 0.0;  ///< -min(ρ A, clip(ρ) A)
    double kl = 0.0;
    bool clipped = false;
    double slope = 0.0;  ///< of policy + β kl by the log-probability
};

TokenTerm term_of(double log_prob, double drawn, double advantage, double base, const PolicySetting& setting) {
    TokenTerm term;
    const double ratio = std::exp(log_prob - drawn);
    const double within = std::clamp(ratio, 1.0 - setting.epsilon, 1.0 + setting.epsilon);
    term.clipped = ratio * advantage > within * advantage;
    term.policy = -std::min(ratio * advantage, within * advantage);
    term.slope = term.clipped ? 0.0 : -ratio * advantage;
    if (setting.beta > 0.0) {
        const double away = base - log_prob;
        term.kl = std::exp(away) - away - 1.0;
        term.slope += setting.beta * (1.0 - std::exp(away));
    }
    return term;
}

Error nothing_drawn() {
    return Error::internal("The policy gradient was asked for tokens that were not drawn.");
}

}  // namespace

Result<LossGradient> PolicyLoss::with_gradient(LossInputs inputs, double weight) const {
    const SampledTokens& sampled = inputs.sampled;
    const bool with_base = m_setting.beta > 0.0;
    const bool plain = is_host_float(inputs.logits) && inputs.logits.is_contiguous() &&
                       (!with_base || (is_host_float(inputs.base_logits) && inputs.base_logits.is_contiguous()));
    if (!plain) return Loss::with_gradient(std::move(inputs), weight);
    if (!sampled.weights.defined() || !sampled.advantages.defined()) return failure(nothing_drawn());
    const std::int64_t rows = inputs.logits.size(0);
    const auto width = static_cast<std::size_t>(inputs.logits.size(1));
    const auto scale = static_cast<float>(1.0 / m_setting.temperature);
    const at::Tensor labels = inputs.labels.contiguous();
    const at::Tensor weights = sampled.weights.contiguous();
    const at::Tensor advantages = sampled.advantages.contiguous();
    const at::Tensor drawn = sampled.log_probs.defined() ? sampled.log_probs.contiguous() : at::Tensor();
    float* const logits = inputs.logits.data_ptr<float>();
    std::vector<SoftmaxRow> seen(static_cast<std::size_t>(rows));
    std::vector<TokenTerm> terms(static_cast<std::size_t>(rows));
    parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const auto at = static_cast<std::size_t>(row);
            const auto target = static_cast<std::size_t>(labels.data_ptr<std::int64_t>()[row]);
            float* const own = logits + at * width;
            const SoftmaxRow now = softmax_row(own, width, target, scale);
            const double base =
                with_base ? softmax_row(inputs.base_logits.data_ptr<float>() + at * width, width, target, scale).log_prob : 0.0;
            const double before = drawn.defined() ? static_cast<double>(drawn.data_ptr<float>()[row]) : now.log_prob;
            const TokenTerm term = term_of(now.log_prob, before, static_cast<double>(advantages.data_ptr<float>()[row]), base, m_setting);
            // ∂ log_prob / ∂ logit = scale · (onehot - softmax)
            const double factor = -term.slope * static_cast<double>(scale) * weight * static_cast<double>(weights.data_ptr<float>()[row]);
            softmax_row_gradient(own, own, width, target, scale, static_cast<float>(factor), now);
            seen[at] = now;
            terms[at] = term;
        }
    });
    LossGradient result;
    result.at_logits = inputs.logits;
    double sums[4] = {};
    for (std::size_t row = 0; row < terms.size(); ++row) {
        const auto own = static_cast<double>(weights.data_ptr<float>()[row]);
        result.sum += own * (terms[row].policy + m_setting.beta * terms[row].kl);
        sums[0] += own * terms[row].policy;
        sums[1] += own * terms[row].kl;
        sums[2] += own * seen[row].entropy;
        sums[3] += own * (terms[row].clipped ? 1.0 : 0.0);
        if (m_trace == nullptr) continue;
        m_trace->log_probs.push_back(static_cast<float>(seen[row].log_prob));
        m_trace->kl.push_back(static_cast<float>(terms[row].kl));
        m_trace->entropy.push_back(static_cast<float>(seen[row].entropy));
    }
    result.parts = {{"policy", sums[0]}, {"kl", sums[1]}, {"entropy", sums[2]}, {"clipped", sums[3]}};
    return result;
}

Result<LossValue> PolicyLoss::evaluate(const LossInputs& inputs) const {
    const SampledTokens& sampled = inputs.sampled;
    if (!sampled.weights.defined() || !sampled.advantages.defined()) return failure(nothing_drawn());
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
