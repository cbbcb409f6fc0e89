#include "core/engine/model/Attention.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/engine/model/Dropout.h"

namespace lossmith::engine {
namespace {

at::Tensor softmax_on_host(at::Tensor scores, double scale) {
    const std::int64_t width = scores.size(-1);
    const std::int64_t queries = scores.size(-2);
    float* values = scores.data_ptr<float>();
    at::parallel_for(0, scores.numel() / width, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            causal_softmax_row(values + row * width, values + row * width, static_cast<std::size_t>(row % queries + 1 + width - queries),
                               static_cast<std::size_t>(width), static_cast<float>(scale));
    });
    return scores;
}

at::Tensor causal_softmax(const at::Tensor& scores, double scale) {
    if (scores.is_cpu() && scores.scalar_type() == at::kFloat && scores.is_contiguous()) return softmax_on_host(scores, scale);
    const auto hidden =
        at::ones({scores.size(-2), scores.size(-1)}, scores.options().dtype(at::kBool)).triu(1 + scores.size(-1) - scores.size(-2));
    return at::softmax((scores * scale).masked_fill(hidden, -std::numeric_limits<float>::infinity()), -1);
}

at::Tensor causal_softmax_backward(const at::Tensor& probabilities, at::Tensor gradient, double scale) {
    if (!(gradient.is_cpu() && gradient.scalar_type() == at::kFloat && gradient.is_contiguous()))
        return scale * probabilities * (gradient - (probabilities * gradient).sum(-1, true));
    const std::int64_t width = probabilities.size(-1);
    const std::int64_t queries = probabilities.size(-2);
    const float* p = probabilities.data_ptr<float>();
    float* g = gradient.data_ptr<float>();
    at::parallel_for(0, probabilities.numel() / width, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            causal_softmax_row_backward(p + row * width, g + row * width, g + row * width,
                                        static_cast<std::size_t>(row % queries + 1 + width - queries), static_cast<std::size_t>(width),
                                        static_cast<float>(scale));
    });
    return gradient;
}

/// The whole of attention as one node: only q, k, v and the probabilities are kept for the backward pass.
struct FusedCausalAttention : torch::autograd::Function<FusedCausalAttention> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                              double scale, double p, std::int64_t low, std::int64_t high) {
        const at::Tensor probabilities = causal_softmax(at::matmul(q, k.transpose(-2, -1)), scale);
        context->save_for_backward({q, k, v, probabilities});
        context->saved_data["scale"] = scale;
        context->saved_data["p"] = p;
        context->saved_data["low"] = low;
        context->saved_data["high"] = high;
        return at::matmul(dropout(probabilities, p, {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high)}), v);
    }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor& q = saved[0];
        const at::Tensor& k = saved[1];
        const at::Tensor& v = saved[2];
        const at::Tensor& probabilities = saved[3];
        const double p = context->saved_data["p"].toDouble();
        const DropoutKey key{static_cast<std::uint32_t>(context->saved_data["low"].toInt()),
                             static_cast<std::uint32_t>(context->saved_data["high"].toInt())};
        const at::Tensor gradient = gradients[0].contiguous();
        const at::Tensor value_gradient = at::matmul(dropout(probabilities, p, key).transpose(-2, -1), gradient);
        at::Tensor score_gradient = dropout(at::matmul(gradient, v.transpose(-2, -1)), p, key);
        score_gradient = causal_softmax_backward(probabilities, score_gradient, context->saved_data["scale"].toDouble());
        return {at::matmul(score_gradient, k), at::matmul(score_gradient.transpose(-2, -1), q), value_gradient, {}, {}, {}, {}};
    }
};

}  // namespace

at::Tensor causal_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale, const AttentionDropout& drop,
                            at::Tensor* probabilities) {
    if (probabilities != nullptr) {
        *probabilities = causal_softmax(at::matmul(q, k.transpose(-2, -1)), scale);
        return at::matmul(dropout(*probabilities, drop.p, drop.key), v);
    }
    return FusedCausalAttention::apply(q, k, v, scale, drop.p, static_cast<std::int64_t>(drop.key.low),
                                       static_cast<std::int64_t>(drop.key.high));
}

}  // namespace lossmith::engine
