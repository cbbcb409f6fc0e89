#include "core/engine/model/Dropout.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/native_dropout.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/HostFloat.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t dropout_grain = 1 << 15;

/// `base` may be undefined.
at::Tensor drop_on_host(const at::Tensor& base, const at::Tensor& x, double p, DropoutKey key) {
    const at::Tensor in = x.contiguous();
    const at::Tensor added = base.defined() ? base.contiguous() : base;
    at::Tensor out = at::empty_like(in);
    const float* source = in.data_ptr<float>();
    const float* add = added.defined() ? added.data_ptr<float>() : nullptr;
    float* target = out.data_ptr<float>();
    parallel_for(0, in.numel(), dropout_grain, [&](std::int64_t begin, std::int64_t end) {
        drop_elements(source + begin, add == nullptr ? nullptr : add + begin, target + begin, static_cast<std::size_t>(end - begin),
                      static_cast<std::uint64_t>(begin), p, key);
    });
    return out;
}

constexpr std::int64_t low_bits = 0xffffffff;

/// The hash of drop_elements() in ATen's integers: 32 bits held in 64, whose products may wrap.
at::Tensor mixed(at::Tensor x) {
    x = x ^ x.bitwise_right_shift(16);
    x.mul_(std::int64_t{0x85ebca6b}).bitwise_and_(low_bits);
    x = x ^ x.bitwise_right_shift(13);
    x.mul_(std::int64_t{0xc2b2ae35}).bitwise_and_(low_bits);
    return x ^ x.bitwise_right_shift(16);
}

/// [numel], bool: the elements that drop_elements() keeps, found where `options` say. Up to 2³² of them.
at::Tensor kept_elements(std::int64_t count, double p, DropoutKey key, const at::TensorOptions& options) {
    const auto threshold = static_cast<std::int64_t>(static_cast<std::uint32_t>(p * 4294967295.0));
    const at::Tensor index = at::arange(count, options.dtype(at::kLong)).add_(static_cast<std::int64_t>(key.low)).bitwise_and_(low_bits);
    return mixed(mixed(index) ^ static_cast<std::int64_t>(key.high)) >= threshold;
}

struct KeyedDropout : torch::autograd::Function<KeyedDropout> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, double p, std::int64_t low,
                              std::int64_t high) {
        context->saved_data["p"] = p;
        context->saved_data["low"] = low;
        context->saved_data["high"] = high;
        return dropped(x, p, {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high)});
    }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const DropoutKey key{static_cast<std::uint32_t>(context->saved_data["low"].toInt()),
                             static_cast<std::uint32_t>(context->saved_data["high"].toInt())};
        return {dropped(gradients[0], context->saved_data["p"].toDouble(), key), {}, {}, {}};
    }
};

}  // namespace

at::Tensor dropped(const at::Tensor& x, double p, DropoutKey key) {
    if (p <= 0.0) return x;
    if (is_host_float(x)) return drop_on_host({}, x, p, key);
    return x.mul(kept_elements(x.numel(), p, key, x.options()).view(x.sizes())).mul_(1.0 / (1.0 - p));
}

at::Tensor add_dropped(const at::Tensor& base, const at::Tensor& x, double p, DropoutKey key) {
    if (p > 0.0 && is_host_float(x) && is_host_float(base)) return drop_on_host(base, x, p, key);
    return base + dropped(x, p, key);
}

void seed_card(at::Device device, DropoutKey key) {
    if (!device.is_cuda()) return;
    at::Generator generator = at::globalContext().defaultGenerator(device);
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(static_cast<std::uint64_t>(key.high) << 32U | key.low);
}

at::Tensor dropout(const at::Tensor& x, double p, DropoutKey key) {
    if (p <= 0.0) return x;
    if (x.is_cuda()) {
        seed_card(x.device(), key);
        return std::get<0>(at::native_dropout(x, p, true));
    }
    return KeyedDropout::apply(x, p, static_cast<std::int64_t>(key.low), static_cast<std::int64_t>(key.high));
}

}  // namespace lossmith::engine
