#include "core/engine/loss/CrossEntropy.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {

Result<std::unique_ptr<Loss>> CrossEntropy::create(const Json& parameters) {
    double smoothing = 0.0;
    for (const auto& [name, value] : parameters.items()) {
        if (name != "label_smoothing")
            return failure(Error::bad_input("cross_entropy has no parameter \"" + name + "\".").with_hint("It has: label_smoothing."));
        if (!value.is_number() || value.get<double>() < 0.0 || value.get<double>() > 1.0)
            return failure(Error::bad_input("label_smoothing must be a number between 0 and 1."));
        smoothing = value.get<double>();
    }
    return std::make_unique<CrossEntropy>(smoothing);
}

Result<LossValue> CrossEntropy::evaluate(const LossInputs& inputs) const {
    return LossValue{at::cross_entropy_loss(inputs.logits, inputs.labels, {}, at::Reduction::Sum, -100, m_label_smoothing)};
}

Result<LossGradient> CrossEntropy::with_gradient(LossInputs inputs, double weight) const {
    const bool plain = works_in_place() && is_host_float(inputs.logits) && inputs.logits.is_contiguous();
    if (!plain) return Loss::with_gradient(std::move(inputs), weight);
    const std::int64_t rows = inputs.logits.size(0);
    const std::int64_t width = inputs.logits.size(1);
    float* logits = inputs.logits.data_ptr<float>();
    const at::Tensor labels = inputs.labels.contiguous();
    const std::int64_t* targets = labels.data_ptr<std::int64_t>();
    at::Tensor losses = at::empty({rows}, at::kFloat);
    float* values = losses.data_ptr<float>();
    parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            values[row] = cross_entropy_row(logits + row * width, static_cast<std::size_t>(width), static_cast<std::size_t>(targets[row]),
                                            static_cast<float>(weight));
    });
    return LossGradient{losses.sum(at::kDouble).item<double>(), inputs.logits};
}

}  // namespace lossmith::engine
