// AdamW (Loshchilov & Hutter 2019) over a model's parameters, decay on matrices only.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"
#include "core/config/RunConfig.h"

namespace lossmith::engine {

class AdamW {
public:
    /// `parameters`: name and leaf tensor; their gradients are read at each step. Biases and layer norms (one-dimensional
    /// tensors) are not decayed.
    AdamW(std::vector<std::pair<std::string, at::Tensor>> parameters, const RunConfig& config);

    /// Norm over all gradients, as torch.nn.utils.clip_grad_norm_ computes it.
    [[nodiscard]] double gradient_norm() const;

    /// One update at this rate, gradients first scaled by min(1, max_grad_norm / (norm + 1e-6)) when max_grad_norm > 0.
    void step(double learning_rate, double norm);

    /// Gradients to zero, kept in place.
    void zero_gradients();

    /// Moments by parameter name with ".exp_avg" and ".exp_avg_sq" added; the count of steps is told apart.
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> state() const;
    /// Its tensors stay where the parameters are, wherever `state` lies.
    [[nodiscard]] Status restore(const std::map<std::string, at::Tensor>& state, std::int64_t steps_done);

private:
    struct Slot {
        std::string name;
        at::Tensor parameter, first_moment, second_moment;
        bool decayed;
    };
    [[nodiscard]] bool on_a_card() const;
    void fused_step(double learning_rate, double clip);

    std::vector<Slot> m_slots;
    double m_beta1, m_beta2, m_epsilon, m_weight_decay, m_max_norm;
    std::int64_t m_steps = 0;
};

}  // namespace lossmith::engine
