#include "core/engine/model/Activation.h"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>

#include <cmath>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t activation_grain = 1 << 14;

bool is_erf_gelu(const std::string& function) {
    return function == "gelu";
}

}  // namespace

at::Tensor activate(const at::Tensor& x, const std::string& function) {
    if (function == "relu") return at::relu(x);
    if (is_erf_gelu(function)) return at::gelu(x);
    if (!is_host_float(x)) return at::gelu(x, "tanh");
    const at::Tensor in = x.contiguous();
    at::Tensor out = at::empty_like(in);
    const float* from = in.data_ptr<float>();
    float* to = out.data_ptr<float>();
    parallel_for(0, in.numel(), activation_grain,
                 [&](std::int64_t begin, std::int64_t end) { gelu_tanh(from + begin, to + begin, static_cast<std::size_t>(end - begin)); });
    return out;
}

void activate_row(float* values, std::size_t count, const std::string& function) {
    if (function == "relu")
        for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0.0F ? 0.0F : values[i];  // NaN stays NaN
    else if (is_erf_gelu(function))
        for (std::size_t i = 0; i < count; ++i) values[i] = 0.5F * values[i] * (1.0F + std::erf(values[i] * 0.70710678118654752F));
    else
        gelu_tanh(values, values, count);
}

std::pair<at::Tensor, at::Tensor> activate_backward(const at::Tensor& x, const at::Tensor& gradient, const std::string& function) {
    if (function == "relu") return {at::relu(x), at::threshold_backward(gradient, x, 0)};
    const char* form = is_erf_gelu(function) ? "none" : "tanh";
    if (is_erf_gelu(function) || !is_host_float(x)) return {at::gelu(x, form), at::gelu_backward(gradient, x, form)};
    const at::Tensor in = x.contiguous();
    const at::Tensor above = gradient.contiguous();
    std::pair<at::Tensor, at::Tensor> result{at::empty_like(in), at::empty_like(in)};
    const float* from = in.data_ptr<float>();
    const float* slope = above.data_ptr<float>();
    float* value = result.first.data_ptr<float>();
    float* at_in = result.second.data_ptr<float>();
    parallel_for(0, in.numel(), activation_grain, [&](std::int64_t begin, std::int64_t end) {
        gelu_tanh_backward(from + begin, slope + begin, value + begin, at_in + begin, static_cast<std::size_t>(end - begin));
    });
    return result;
}

}  // namespace lossmith::engine
