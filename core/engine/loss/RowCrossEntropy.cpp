#include "core/engine/loss/RowCrossEntropy.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

struct RowCrossEntropy : torch::autograd::Function<RowCrossEntropy> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& logits, const at::Tensor& labels,
                              std::int64_t ignore_index) {
        const std::int64_t rows = logits.size(0);
        const auto width = static_cast<std::size_t>(logits.size(1));
        at::Tensor losses = at::empty({rows}, at::kFloat);
        at::Tensor sums = at::empty({rows, 2}, at::kDouble);  // each row's maximum and its sum of exponentials
        const float* from = logits.data_ptr<float>();
        const std::int64_t* targets = labels.data_ptr<std::int64_t>();
        float* values = losses.data_ptr<float>();
        double* kept = sums.data_ptr<double>();
        parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                values[row] = 0.0F;
                if (targets[row] == ignore_index) continue;
                const SoftmaxRow seen =
                    softmax_row(from + static_cast<std::size_t>(row) * width, width, static_cast<std::size_t>(targets[row]), 1.0F);
                values[row] = static_cast<float>(-seen.log_prob);
                kept[2 * row] = static_cast<double>(seen.maximum);
                kept[2 * row + 1] = seen.sum;
            }
        });
        context->save_for_backward({logits, labels, sums});
        context->saved_data["ignore_index"] = ignore_index;
        return losses;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const std::int64_t ignore_index = context->saved_data["ignore_index"].toInt();
        const at::Tensor gradient = gradients[0].contiguous();
        at::Tensor at_logits = at::empty_like(saved[0]);
        const auto width = static_cast<std::size_t>(saved[0].size(1));
        const float* from = saved[0].data_ptr<float>();
        float* to = at_logits.data_ptr<float>();
        const std::int64_t* targets = saved[1].data_ptr<std::int64_t>();
        const double* kept = saved[2].data_ptr<double>();
        const float* weights = gradient.data_ptr<float>();
        parallel_for(0, saved[0].size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                const std::size_t at = static_cast<std::size_t>(row) * width;
                if (targets[row] == ignore_index) {
                    std::fill_n(to + at, width, 0.0F);
                    continue;
                }
                const SoftmaxRow seen{static_cast<float>(kept[2 * row]), kept[2 * row + 1], 0.0, 0.0};
                softmax_row_gradient(from + at, to + at, width, static_cast<std::size_t>(targets[row]), 1.0F, weights[row], seen);
            }
        });
        return {at_logits, {}, {}};
    }
};

}  // namespace

bool fits_row_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::int64_t ignore_index) {
    if (!is_host_float(logits) || logits.dim() != 2 || !logits.is_contiguous() || logits.size(1) == 0) return false;
    if (labels.scalar_type() != at::kLong || !labels.device().is_cpu() || labels.dim() != 1 || labels.size(0) != logits.size(0) ||
        !labels.is_contiguous())
        return false;
    const std::int64_t* first = labels.data_ptr<std::int64_t>();
    return std::all_of(first, first + labels.numel(),
                       [&](std::int64_t label) { return label == ignore_index || (label >= 0 && label < logits.size(1)); });
}

at::Tensor row_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::int64_t ignore_index) {
    return RowCrossEntropy::apply(logits, labels, ignore_index);
}

}  // namespace lossmith::engine
