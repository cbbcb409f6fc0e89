#include "core/engine/model/VectorMath.h"

#include <bit>
#include <cmath>

#include "core/engine/model/Wide.h"

namespace lossmith::engine {
namespace {

/// A 32-bit integer hash with full avalanche (the finalizer of MurmurHash3), cheap enough to vectorise.
inline std::uint32_t mix(std::uint32_t x) {
    x ^= x >> 16U;
    x *= 0x85ebca6bU;
    x ^= x >> 13U;
    x *= 0xc2b2ae35U;
    x ^= x >> 16U;
    return x;
}

inline std::uint64_t mix64(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
}

/// e^x to about 2 ulp for x <= 0, and NaN stays NaN: range reduction by ln 2 and a polynomial (Cephes expf).
inline float exp_of_negative(float x) {
    const float bounded = x < -87.0F ? -87.0F : x;
    const float rounded = bounded * 1.44269504088896341F + 12582912.0F;  // the magic number rounds to nearest in the low bits
    // Unsigned, since a NaN's bits would overflow; its result is NaN by the polynomial.
    const std::uint32_t exponent = std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(12582912.0F);
    const float whole = rounded - 12582912.0F;
    const float rest = (bounded - whole * 0.693359375F) - whole * -2.12194440e-4F;
    float poly = 1.9875691500e-4F;
    poly = poly * rest + 1.3981999507e-3F;
    poly = poly * rest + 8.3334519073e-3F;
    poly = poly * rest + 4.1665795894e-2F;
    poly = poly * rest + 1.6666665459e-1F;
    poly = poly * rest + 5.0000001201e-1F;
    poly = poly * rest * rest + rest + 1.0F;
    return poly * std::bit_cast<float>((exponent + 127U) << 23U);
}

/// sigmoid(2u) of gelu's tanh form.
inline float gelu_gate(float x) {
    const float twice = 1.5957691216057308F * (x + 0.044715F * x * x * x);
    const float e = exp_of_negative(twice < 0.0F ? twice : -twice);
    const float small = e / (1.0F + e);
    return twice < 0.0F ? small : 1.0F - small;
}

constexpr std::size_t lanes = 16;
constexpr std::size_t stretch = 1024;  // how far floats are summed before a double takes over

/// Maximum with a fixed order of combination, so that every vector width gives the same bits.
inline float row_maximum(const float* values, std::size_t count) {
    float partial[lanes];
    for (float& p : partial) p = -INFINITY;
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) partial[k] = values[i + k] > partial[k] ? values[i + k] : partial[k];
    float maximum = -INFINITY;
    for (; i < count; ++i) maximum = values[i] > maximum ? values[i] : maximum;
    for (const float p : partial) maximum = p > maximum ? p : maximum;
    return maximum;
}

}  // namespace

DropoutKey dropout_key(std::uint64_t seed, std::int64_t step, std::int64_t place) {
    const std::uint64_t key = mix64(mix64(mix64(seed) ^ static_cast<std::uint64_t>(step)) ^ static_cast<std::uint64_t>(place));
    return {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32U)};
}

LOSSMITH_WIDE void drop_elements(const float* in, const float* add, float* out, std::size_t count, std::uint64_t first, double p,
                                 DropoutKey key) {
    const auto threshold = static_cast<std::uint32_t>(p * 4294967295.0);
    const float scale = static_cast<float>(1.0 / (1.0 - p));
    const std::uint32_t high = key.high ^ mix(static_cast<std::uint32_t>(first >> 32U));
    const auto start = static_cast<std::uint32_t>(first);
    if (add != nullptr) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t random = mix(mix(start + static_cast<std::uint32_t>(i) + key.low) ^ high);
            out[i] = (random >= threshold ? in[i] * scale : 0.0F) + add[i];
        }
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t random = mix(mix(start + static_cast<std::uint32_t>(i) + key.low) ^ high);
        out[i] = random >= threshold ? in[i] * scale : 0.0F;
    }
}

LOSSMITH_WIDE void causal_softmax_row(const float* in, float* out, std::size_t visible, std::size_t width, float scale) {
    const float maximum = row_maximum(in, visible) * scale;
    float partial[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= visible; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) {
            const float e = exp_of_negative(in[i + k] * scale - maximum);
            out[i + k] = e;
            partial[k] += e;
        }
    float sum = 0.0F;
    for (; i < visible; ++i) {
        out[i] = exp_of_negative(in[i] * scale - maximum);
        sum += out[i];
    }
    for (const float p : partial) sum += p;
    const float inverse = 1.0F / sum;
    for (i = 0; i < visible; ++i) out[i] *= inverse;
    for (; i < width; ++i) out[i] = 0.0F;
}

LOSSMITH_WIDE void causal_softmax_row_backward(const float* probabilities, const float* gradient, float* out, std::size_t visible,
                                               std::size_t width, float scale) {
    float partial[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= visible; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) partial[k] += probabilities[i + k] * gradient[i + k];
    float sum = 0.0F;
    for (; i < visible; ++i) sum += probabilities[i] * gradient[i];
    for (const float p : partial) sum += p;
    for (i = 0; i < visible; ++i) out[i] = scale * probabilities[i] * (gradient[i] - sum);
    for (; i < width; ++i) out[i] = 0.0F;
}

LOSSMITH_WIDE void adamw_update(float* parameter, const float* gradient, float* first_moment, float* second_moment, std::size_t count,
                                const AdamWStep& step) {
    const float keep = 1.0F - step.learning_rate * step.weight_decay;
    const float rate = step.learning_rate / step.bias_correction1;
    for (std::size_t i = 0; i < count; ++i) {
        const float g = gradient[i] * step.gradient_scale;
        const float m = first_moment[i] + (g - first_moment[i]) * (1.0F - step.beta1);
        const float v = second_moment[i] * step.beta2 + (1.0F - step.beta2) * g * g;
        first_moment[i] = m;
        second_moment[i] = v;
        parameter[i] = parameter[i] * keep - rate * m / (std::sqrt(v) / step.bias_correction2_root + step.epsilon);
    }
}

LOSSMITH_WIDE void gelu_tanh(const float* in, float* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = in[i] * gelu_gate(in[i]);
}

LOSSMITH_WIDE void gelu_tanh_backward(const float* in, const float* gradient, float* value, float* at_in, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const float x = in[i];
        const float gate = gelu_gate(x);
        const float slope = gate + x * gate * (1.0F - gate) * 1.5957691216057308F * (1.0F + 3.0F * 0.044715F * x * x);
        at_in[i] = gradient[i] * slope;
        value[i] = x * gate;
    }
}

LOSSMITH_WIDE void round_to_bf16(const float* in, std::uint16_t* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(in[i]);
        const std::uint32_t nearest = (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
        const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
        out[i] = static_cast<std::uint16_t>(is_nan ? 0x7fc0U : nearest);
    }
}

LOSSMITH_WIDE void widen_bf16(const std::uint16_t* in, const float* bias, float* out, std::size_t count) {
    if (bias == nullptr) {
        for (std::size_t i = 0; i < count; ++i) out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(in[i]) << 16U);
        return;
    }
    for (std::size_t i = 0; i < count; ++i) out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(in[i]) << 16U) + bias[i];
}

LOSSMITH_WIDE void add_bf16(const std::uint16_t* in, float* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] += std::bit_cast<float>(static_cast<std::uint32_t>(in[i]) << 16U);
}

LOSSMITH_WIDE void layer_norm_row(const float* in, const float* weight, const float* bias, float* out, std::size_t count, float epsilon) {
    float partial[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) partial[k] += in[i + k];
    float sum = 0.0F;
    for (; i < count; ++i) sum += in[i];
    for (const float p : partial) sum += p;
    const float mean = sum / static_cast<float>(count);
    float squares[lanes] = {};
    for (i = 0; i + lanes <= count; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) squares[k] += (in[i + k] - mean) * (in[i + k] - mean);
    sum = 0.0F;
    for (; i < count; ++i) sum += (in[i] - mean) * (in[i] - mean);
    for (const float s : squares) sum += s;
    const float inverse = 1.0F / std::sqrt(sum / static_cast<float>(count) + epsilon);
    for (i = 0; i < count; ++i) out[i] = (in[i] - mean) * inverse * weight[i] + bias[i];
}

LOSSMITH_WIDE void sum_of_rows(const float* in, std::size_t rows, std::size_t stride, std::size_t columns, float* out) {
    constexpr std::size_t columns_at_once = 64;
    constexpr std::size_t rows_at_once = 64;  // are added up before they join the sum, so that it rounds less often
    for (std::size_t first = 0; first < columns; first += columns_at_once) {
        const std::size_t width = std::min(columns_at_once, columns - first);
        float whole[columns_at_once] = {};
        for (std::size_t row = 0; row < rows; row += rows_at_once) {
            float part[columns_at_once] = {};
            const std::size_t end = std::min(rows, row + rows_at_once);
            if (width == columns_at_once)
                for (std::size_t r = row; r < end; ++r)
                    for (std::size_t c = 0; c < columns_at_once; ++c) part[c] += in[r * stride + first + c];
            else
                for (std::size_t r = row; r < end; ++r)
                    for (std::size_t c = 0; c < width; ++c) part[c] += in[r * stride + first + c];
            for (std::size_t c = 0; c < columns_at_once; ++c) whole[c] += part[c];
        }
        for (std::size_t c = 0; c < width; ++c) out[first + c] = whole[c];
    }
}

LOSSMITH_WIDE double sum_of_squares(const float* values, std::size_t count) {
    double partial[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) partial[k] += static_cast<double>(values[i + k]) * static_cast<double>(values[i + k]);
    double sum = 0.0;
    for (; i < count; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    for (const double p : partial) sum += p;
    return sum;
}

LOSSMITH_WIDE float cross_entropy_row(float* logits, std::size_t width, std::size_t target, float weight) {
    const float maximum = row_maximum(logits, width);
    const float at_target = logits[target] - maximum;
    float partial[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= width; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) {
            const float e = exp_of_negative(logits[i + k] - maximum);
            logits[i + k] = e;
            partial[k] += e;
        }
    double sum = 0.0;
    for (; i < width; ++i) {
        logits[i] = exp_of_negative(logits[i] - maximum);
        sum += static_cast<double>(logits[i]);
    }
    for (const float p : partial) sum += static_cast<double>(p);
    const auto factor = static_cast<float>(static_cast<double>(weight) / sum);
    for (i = 0; i < width; ++i) logits[i] *= factor;
    logits[target] -= weight;
    return static_cast<float>(std::log(sum)) - at_target;
}

LOSSMITH_WIDE SoftmaxRow softmax_row(const float* logits, std::size_t width, std::size_t target, float scale) {
    const float maximum = row_maximum(logits, width);
    double sum = 0.0;
    double mean = 0.0;
    // Floats are summed a stretch at a time: over a whole vocabulary they would lose the fifth digit.
    for (std::size_t begin = 0; begin < width; begin += stretch) {
        const std::size_t end = begin + stretch < width ? begin + stretch : width;
        float partial[lanes] = {};
        float weighted[lanes] = {};
        std::size_t i = begin;
        for (; i + lanes <= end; i += lanes)
            for (std::size_t k = 0; k < lanes; ++k) {
                const float below = scale * (logits[i + k] - maximum);
                const float e = exp_of_negative(below);
                partial[k] += e;
                weighted[k] += e * below;
            }
        for (; i < end; ++i) {
            const float below = scale * (logits[i] - maximum);
            const float e = exp_of_negative(below);
            sum += static_cast<double>(e);
            mean += static_cast<double>(e * below);
        }
        for (const float p : partial) sum += static_cast<double>(p);
        for (const float w : weighted) mean += static_cast<double>(w);
    }
    const double log_sum = std::log(sum);
    return {maximum, sum, static_cast<double>(scale * (logits[target] - maximum)) - log_sum, log_sum - mean / sum};
}

LOSSMITH_WIDE std::size_t rank_in_row(const float* logits, std::size_t width, std::size_t target) {
    const float own = logits[target];
    std::uint32_t above = 0;
    for (std::size_t i = 0; i < width; ++i) above += logits[i] > own ? 1U : 0U;
    for (std::size_t i = 0; i < target; ++i) above += logits[i] == own ? 1U : 0U;
    return 1 + static_cast<std::size_t>(above);
}

LOSSMITH_WIDE double divergence_of_rows(const float* logits, const SoftmaxRow& row, const float* others, const SoftmaxRow& other_row,
                                        std::size_t width) {
    // The logarithms' difference is taken token by token, so that two rows that are alike give their small divergence and not rounding.
    const auto shift = static_cast<float>(std::log(row.sum) - std::log(other_row.sum));
    double sum = 0.0;
    for (std::size_t begin = 0; begin < width; begin += stretch) {
        const std::size_t end = begin + stretch < width ? begin + stretch : width;
        float partial[lanes] = {};
        std::size_t i = begin;
        for (; i + lanes <= end; i += lanes)
            for (std::size_t k = 0; k < lanes; ++k) {
                const float below = logits[i + k] - row.maximum;
                partial[k] += exp_of_negative(below) * (below - (others[i + k] - other_row.maximum) - shift);
            }
        for (; i < end; ++i) {
            const float below = logits[i] - row.maximum;
            sum += static_cast<double>(exp_of_negative(below) * (below - (others[i] - other_row.maximum) - shift));
        }
        for (const float p : partial) sum += static_cast<double>(p);
    }
    return sum / row.sum;
}

LOSSMITH_WIDE void add_probabilities(const float* logits, std::size_t width, const SoftmaxRow& row, double* sums) {
    const auto inverse = static_cast<float>(1.0 / row.sum);
    for (std::size_t i = 0; i < width; ++i) sums[i] += static_cast<double>(exp_of_negative(logits[i] - row.maximum) * inverse);
}

LOSSMITH_WIDE void softmax_row_gradient(const float* logits, float* out, std::size_t width, std::size_t target, float scale, float weight,
                                        const SoftmaxRow& row) {
    const auto factor = static_cast<float>(static_cast<double>(weight) / row.sum);
    for (std::size_t i = 0; i < width; ++i) out[i] = factor * exp_of_negative(scale * (logits[i] - row.maximum));
    out[target] -= weight;
}

}  // namespace lossmith::engine
