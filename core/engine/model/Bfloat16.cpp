#include "core/engine/model/Bfloat16.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t values_at_once = 1 << 16;

const std::uint16_t* bits_of(const at::Tensor& x) {
    return static_cast<const std::uint16_t*>(x.data_ptr());
}

bool is_host_bf16(const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.is_contiguous();
}

}  // namespace

at::Tensor rounded(const at::Tensor& x) {
    if (x.scalar_type() == at::kBFloat16) return x;
    // A transposed view of a whole matrix is rounded as it lies in memory.
    if (x.dim() == 2 && !x.is_contiguous() && x.t().is_contiguous()) return rounded(x.t()).t();
    if (!is_host_float(x) || !x.is_contiguous()) return x.to(at::kBFloat16);
    at::Tensor out = at::empty_like(x, x.options().dtype(at::kBFloat16));
    const float* from = x.data_ptr<float>();
    auto* to = static_cast<std::uint16_t*>(out.data_ptr());
    parallel_for(0, x.numel(), values_at_once, [&](std::int64_t begin, std::int64_t end) {
        round_to_bf16(from + begin, to + begin, static_cast<std::size_t>(end - begin));
    });
    return out;
}

at::Tensor widened(const at::Tensor& x, const at::Tensor& bias) {
    if (x.scalar_type() == at::kFloat && !bias.defined()) return x;
    if (!is_host_bf16(x)) return bias.defined() ? x.to(at::kFloat) + bias : x.to(at::kFloat);
    at::Tensor out = at::empty_like(x, x.options().dtype(at::kFloat));
    if (!bias.defined()) {
        widen_into(out, x);
        return out;
    }
    const std::int64_t width = x.size(-1);
    const std::int64_t rows = x.numel() / std::max<std::int64_t>(width, 1);
    const at::Tensor added = bias.contiguous();
    const float* plus = added.data_ptr<float>();
    float* to = out.data_ptr<float>();
    parallel_for(0, rows, std::max<std::int64_t>(1, values_at_once / std::max<std::int64_t>(width, 1)),
                 [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t row = begin; row < end; ++row)
                         widen_bf16(bits_of(x) + row * width, plus, to + row * width, static_cast<std::size_t>(width));
                 });
    return out;
}

void widen_into(at::Tensor into, const at::Tensor& x) {
    if (!is_host_bf16(x) || !is_host_float(into) || !into.is_contiguous()) {
        into.copy_(x);
        return;
    }
    float* to = into.data_ptr<float>();
    parallel_for(0, x.numel(), values_at_once, [&](std::int64_t begin, std::int64_t end) {
        widen_bf16(bits_of(x) + begin, nullptr, to + begin, static_cast<std::size_t>(end - begin));
    });
}

void add_widened(at::Tensor into, const at::Tensor& x) {
    if (!is_host_bf16(x) || !is_host_float(into) || !into.is_contiguous()) {
        into.add_(x);
        return;
    }
    float* to = into.data_ptr<float>();
    parallel_for(0, x.numel(), values_at_once, [&](std::int64_t begin, std::int64_t end) {
        add_bf16(bits_of(x) + begin, to + begin, static_cast<std::size_t>(end - begin));
    });
}

}  // namespace lossmith::engine
