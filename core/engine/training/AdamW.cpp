#include "core/engine/training/AdamW.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <torch/version.h>

#include <cmath>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/VectorMath.h"

#if TORCH_VERSION_MAJOR >= 2
#define LOSSMITH_FUSED_ADAMW 1
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#else
#define LOSSMITH_FUSED_ADAMW 0
#endif

namespace lossmith::engine {
namespace {

constexpr std::int64_t grain = 1 << 16;

double squared_norm(const at::Tensor& gradient) {
    if (!(is_host_float(gradient) && gradient.is_contiguous())) return gradient.to(at::kDouble).square().sum().item<double>();
    // Blocks of fixed size added in order: the same bits for any number of threads.
    const std::int64_t blocks = (gradient.numel() + grain - 1) / grain;
    std::vector<double> partial(static_cast<std::size_t>(blocks));
    const float* values = gradient.data_ptr<float>();
    parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block)
            partial[static_cast<std::size_t>(block)] =
                sum_of_squares(values + block * grain, static_cast<std::size_t>(std::min(grain, gradient.numel() - block * grain)));
    });
    double sum = 0.0;
    for (const double part : partial) sum += part;
    return sum;
}

}  // namespace

AdamW::AdamW(std::vector<std::pair<std::string, at::Tensor>> parameters, const RunConfig& config)
    : m_beta1(config.adam_beta1),
      m_beta2(config.adam_beta2),
      m_epsilon(config.adam_epsilon),
      m_weight_decay(config.weight_decay),
      m_max_norm(config.max_grad_norm) {
    const at::NoGradGuard no_graph;
    for (auto& [name, tensor] : parameters) {
        const bool matrix = tensor.dim() > 1;
        m_slots.push_back({std::move(name), tensor, at::zeros_like(tensor), at::zeros_like(tensor), matrix});
    }
}

double AdamW::gradient_norm() const {
    if (on_a_card()) {  // one answer to wait for instead of one a parameter
        std::vector<at::Tensor> gradients;
        for (const Slot& slot : m_slots)
            if (slot.parameter.grad().defined()) gradients.push_back(slot.parameter.grad());
        return gradients.empty() ? 0.0 : at::stack(at::_foreach_norm(gradients, 2)).norm().item<double>();
    }
    double sum = 0.0;
    for (const Slot& slot : m_slots)
        if (slot.parameter.grad().defined()) sum += squared_norm(slot.parameter.grad());
    return std::sqrt(sum);
}

void AdamW::step(double learning_rate, double norm) {
    const at::NoGradGuard no_graph;
    ++m_steps;
    const double clip = m_max_norm > 0.0 ? std::min(1.0, m_max_norm / (norm + 1e-6)) : 1.0;
    const double correction1 = 1.0 - std::pow(m_beta1, static_cast<double>(m_steps));
    const double correction2 = 1.0 - std::pow(m_beta2, static_cast<double>(m_steps));
#if LOSSMITH_FUSED_ADAMW
    if (on_a_card()) return fused_step(learning_rate, clip);
#endif
    for (Slot& slot : m_slots) {
        const at::Tensor& gradient = slot.parameter.grad();
        if (!gradient.defined()) continue;
        const double decay = slot.decayed ? m_weight_decay : 0.0;
        if (slot.parameter.is_cpu() && gradient.is_contiguous()) {
            const AdamWStep update{static_cast<float>(learning_rate),
                                   static_cast<float>(m_beta1),
                                   static_cast<float>(m_beta2),
                                   static_cast<float>(m_epsilon),
                                   static_cast<float>(decay),
                                   static_cast<float>(correction1),
                                   static_cast<float>(std::sqrt(correction2)),
                                   static_cast<float>(clip)};
            float* parameter = slot.parameter.data_ptr<float>();
            const float* g = gradient.data_ptr<float>();
            float* first = slot.first_moment.data_ptr<float>();
            float* second = slot.second_moment.data_ptr<float>();
            parallel_for(0, gradient.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
                adamw_update(parameter + begin, g + begin, first + begin, second + begin, static_cast<std::size_t>(end - begin), update);
            });
            continue;
        }
        const at::Tensor scaled = gradient * clip;
        slot.first_moment.lerp_(scaled, 1.0 - m_beta1);
        slot.second_moment.mul_(m_beta2).addcmul_(scaled, scaled, 1.0 - m_beta2);
        slot.parameter.mul_(1.0 - learning_rate * decay);
        slot.parameter.addcdiv_(slot.first_moment, (slot.second_moment.sqrt() / std::sqrt(correction2)).add_(m_epsilon),
                                -learning_rate / correction1);
    }
}

bool AdamW::on_a_card() const {
    return !m_slots.empty() && m_slots.front().parameter.is_cuda();
}

#if LOSSMITH_FUSED_ADAMW
void AdamW::fused_step(double learning_rate, double clip) {
    // The kernel divides gradients by its scale; all tensors of a group share one count of steps.
    for (const bool decayed : {true, false}) {
        std::vector<at::Tensor> parameters, gradients, first, second, steps;
        const at::Tensor count = at::full({}, static_cast<double>(m_steps), m_slots.front().first_moment.options());
        for (Slot& slot : m_slots) {
            if (slot.decayed != decayed || !slot.parameter.grad().defined()) continue;
            parameters.push_back(slot.parameter);
            gradients.push_back(slot.parameter.grad());
            first.push_back(slot.first_moment);
            second.push_back(slot.second_moment);
            steps.push_back(count);
        }
        if (parameters.empty()) continue;
        const at::Tensor scale = at::full({}, 1.0 / clip, count.options());
        at::_fused_adamw_(parameters, gradients, first, second, {}, steps, learning_rate, m_beta1, m_beta2, decayed ? m_weight_decay : 0.0,
                          m_epsilon, false, false, scale, {});
    }
}
#endif

void AdamW::zero_gradients() {
    // Given back rather than filled with zeros: their memory serves the forward pass, and the first to add writes instead.
    for (Slot& slot : m_slots) slot.parameter.mutable_grad().reset();
}

std::vector<std::pair<std::string, at::Tensor>> AdamW::state() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const Slot& slot : m_slots) {
        all.emplace_back(slot.name + ".exp_avg", slot.first_moment);
        all.emplace_back(slot.name + ".exp_avg_sq", slot.second_moment);
    }
    return all;
}

Status AdamW::restore(const std::map<std::string, at::Tensor>& state, std::int64_t steps_done) {
    const at::NoGradGuard no_graph;
    for (Slot& slot : m_slots)
        for (const auto& [ending, target] : {std::pair{".exp_avg", &slot.first_moment}, std::pair{".exp_avg_sq", &slot.second_moment}}) {
            const auto found = state.find(slot.name + ending);
            if (found == state.end() || found->second.sizes() != target->sizes() || found->second.scalar_type() != at::kFloat)
                return failure(Error::bad_input("The saved optimiser state has no usable \"" + slot.name + ending + "\".")
                                   .with_hint("Start a new run from this checkpoint instead of resuming it."));
            target->copy_(found->second);
        }
    m_steps = steps_done;
    return {};
}

}  // namespace lossmith::engine
