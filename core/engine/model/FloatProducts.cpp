// The products of RowProducts.h with a matrix in fp32, read where it lies.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/engine/model/Avx512.h"
#include "core/engine/model/Lanes.h"
#include "core/engine/model/RowProducts.h"
#include "core/engine/model/Wide.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t inputs_at_once = 8;    // streams that one pass over the sums takes in
constexpr std::int64_t channels_at_once = 4;  // of a matrix [out, in]

/// Always in the same order, whatever the processor.
LOSSMITH_INLINE float sum_of(const Floats& values) {
    float all[lanes];
    store(all, values);
    for (std::int64_t half = lanes / 2; half > 0; half /= 2)
        for (std::int64_t i = 0; i < half; ++i) all[i] += all[i + half];
    return all[0];
}

template <int rows>
LOSSMITH_INLINE void columns(const float* x, std::int64_t stride, const PlainMatrix& w, std::int64_t begin, std::int64_t end, float* out,
                             std::int64_t out_stride) {
    const std::int64_t wide_end = begin + (end - begin) / lanes * lanes;
    std::int64_t k = 0;
    for (; k + inputs_at_once <= w.in; k += inputs_at_once)
        for (std::int64_t c = begin; c < wide_end; c += lanes) {
            Floats sums[rows];
            for (int r = 0; r < rows; ++r) load(sums[r], out + r * out_stride + c);
            for (int j = 0; j < inputs_at_once; ++j) {
                Floats weights;
                load(weights, w.values + (k + j) * w.in_stride + c);
                for (int r = 0; r < rows; ++r) sums[r] += x[r * stride + k + j] * weights;
            }
            for (int r = 0; r < rows; ++r) store(out + r * out_stride + c, sums[r]);
        }
    for (; k < w.in; ++k)
        for (int r = 0; r < rows; ++r)
            for (std::int64_t c = begin; c < wide_end; ++c) out[r * out_stride + c] += x[r * stride + k] * w.values[k * w.in_stride + c];
    for (int r = 0; r < rows; ++r)
        for (k = 0; k < w.in; ++k)
            for (std::int64_t c = wide_end; c < end; ++c) out[r * out_stride + c] += x[r * stride + k] * w.values[k * w.in_stride + c];
}

template <int rows, int channels>
LOSSMITH_INLINE void dots(const float* x, std::int64_t stride, const PlainMatrix& w, std::int64_t c, float* out, std::int64_t out_stride) {
    Floats sums[rows][channels] = {};
    const float* from = w.values + c * w.out_stride;
    std::int64_t k = 0;
    for (; k + lanes <= w.in; k += lanes) {
        Floats inputs[rows];
        for (int r = 0; r < rows; ++r) load(inputs[r], x + r * stride + k);
        for (int j = 0; j < channels; ++j) {
            Floats weights;
            load(weights, from + j * w.out_stride + k);
            for (int r = 0; r < rows; ++r) sums[r][j] += inputs[r] * weights;
        }
    }
    for (int r = 0; r < rows; ++r)
        for (int j = 0; j < channels; ++j) {
            float sum = sum_of(sums[r][j]);
            for (std::int64_t rest = k; rest < w.in; ++rest) sum += x[r * stride + rest] * from[j * w.out_stride + rest];
            out[r * out_stride + c + j] += sum;
        }
}

template <int rows>
LOSSMITH_INLINE void transposed(const float* x, std::int64_t stride, const PlainMatrix& w, std::int64_t begin, std::int64_t end, float* out,
                                std::int64_t out_stride) {
    std::int64_t c = begin;
    for (; c + channels_at_once <= end; c += channels_at_once) dots<rows, channels_at_once>(x, stride, w, c, out, out_stride);
    for (; c < end; ++c) dots<rows, 1>(x, stride, w, c, out, out_stride);
}

void start_with_bias(const FloatRows& x, const float* bias, std::int64_t begin, std::int64_t end, float* out, std::int64_t out_stride) {
    for (std::int64_t r = 0; r < x.rows; ++r)
        for (std::int64_t c = begin; c < end; ++c) out[r * out_stride + c] = bias != nullptr ? bias[c] : 0.0F;
}

#ifdef LOSSMITH_AVX512

constexpr int rows_of_strip = 12;              // whose sums, two vectors each, fit the registers of AVX-512
constexpr std::int64_t inputs_of_strip = 256;  // copied at a time: 24 KiB of a panel, which stay in a core's first cache

/// Sixteen floats of each of some rows, changed over: to[i * to_stride + r] = from[r * from_stride + i] for i < inputs, zeros for the rows
/// that are left of sixteen.
LOSSMITH_AVX512_INLINE void copy_changed_over(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t inputs,
                                              float* to, std::int64_t to_stride) {
    const auto of_inputs = static_cast<__mmask16>((1U << static_cast<unsigned>(inputs)) - 1U);
    __m512i row[16];
    for (std::int64_t r = 0; r < lanes; ++r)
        row[r] = r < rows ? _mm512_castps_si512(_mm512_maskz_loadu_ps(of_inputs, from + r * from_stride)) : _mm512_setzero_si512();
    transpose(row);
    for (std::int64_t i = 0; i < inputs; ++i) _mm512_storeu_si512(to + i * to_stride, row[i]);
}

/// Inputs first ... first + count of a panel, side by side: [input][panel_width], zeros beyond the matrix's channels.
LOSSMITH_AVX512 void copy_strip(const PlainMatrix& w, std::int64_t panel, std::int64_t first, std::int64_t count, float* strip) {
    const std::int64_t channel = panel * panel_width;
    const std::int64_t channels = std::min(panel_width, w.out - channel);
    const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << static_cast<unsigned>(channels)) - 1U);
    if (w.out_stride == 1) {
        const float* from = w.values + first * w.in_stride + channel;
        for (std::int64_t k = 0; k < count; ++k, from += w.in_stride, strip += panel_width) {
            _mm512_storeu_ps(strip, _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from));
            _mm512_storeu_ps(strip + lanes, _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16U), from + lanes));
        }
        return;
    }
    for (std::int64_t half = 0; half < panel_width; half += lanes)
        for (std::int64_t k = 0; k < count; k += lanes)
            copy_changed_over(w.values + (channel + half) * w.out_stride + first + k, w.out_stride, channels - half,
                              std::min(lanes, count - k), strip + k * panel_width + half, panel_width);
}

/// What is copied next, a panel's width of each row, to be asked for in the meantime: the rows lie too far from one another for the
/// processor to foresee.
struct Soon {
    const float* values = nullptr;  // null: nothing to ask for
    std::int64_t stride = 0;
};

/// Adds the products of some rows, [input][lanes], with a strip to what their sums hold.
template <int rows>
LOSSMITH_AVX512 void multiply_strip(const float* x, const float* strip, std::int64_t count, float* sums, std::int64_t sums_stride,
                                    const Soon& soon) {
    __m512 left[rows];
    __m512 right[rows];
#pragma GCC unroll 12
    for (int r = 0; r < rows; ++r) {
        left[r] = _mm512_loadu_ps(sums + r * sums_stride);
        right[r] = _mm512_loadu_ps(sums + r * sums_stride + lanes);
    }
    const float* ahead = soon.values;
    for (std::int64_t k = 0; k < count; ++k, x += lanes, strip += panel_width) {
        if (ahead != nullptr) {
            _mm_prefetch(ahead, _MM_HINT_T1);
            _mm_prefetch(ahead + lanes, _MM_HINT_T1);
            ahead += soon.stride;
        }
        const __m512 first = _mm512_loadu_ps(strip);
        const __m512 second = _mm512_loadu_ps(strip + lanes);
#pragma GCC unroll 12
        for (int r = 0; r < rows; ++r) {
            const __m512 input = _mm512_set1_ps(x[r]);
            left[r] = _mm512_fmadd_ps(input, first, left[r]);
            right[r] = _mm512_fmadd_ps(input, second, right[r]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; ++r) {
        _mm512_storeu_ps(sums + r * sums_stride, left[r]);
        _mm512_storeu_ps(sums + r * sums_stride + lanes, right[r]);
    }
}

using MultiplyStrip = void (*)(const float*, const float*, std::int64_t, float*, std::int64_t, const Soon&);

template <int... rows>
constexpr std::array<MultiplyStrip, sizeof...(rows)> strips_for(std::integer_sequence<int, rows...>) {
    return {multiply_strip<rows + 1>...};
}
constexpr auto strip_kernels = strips_for(std::make_integer_sequence<int, rows_of_strip>());

#endif

}  // namespace

LOSSMITH_WIDE void multiply_columns(const FloatRows& x, const PlainMatrix& w, const float* bias, std::int64_t begin, std::int64_t end,
                                    float* out, std::int64_t out_stride) {
    start_with_bias(x, bias, begin, end, out, out_stride);
    for (std::int64_t row = 0; row < x.rows; row += rows_at_once) {
        const float* from = x.values + row * x.stride;
        float* to = out + row * out_stride;
        switch (std::min<std::int64_t>(rows_at_once, x.rows - row)) {
            case 1: columns<1>(from, x.stride, w, begin, end, to, out_stride); break;
            case 2: columns<2>(from, x.stride, w, begin, end, to, out_stride); break;
            case 3: columns<3>(from, x.stride, w, begin, end, to, out_stride); break;
            default: columns<rows_at_once>(from, x.stride, w, begin, end, to, out_stride);
        }
    }
}

LOSSMITH_WIDE void multiply_transposed(const FloatRows& x, const PlainMatrix& w, const float* bias, std::int64_t begin, std::int64_t end,
                                       float* out, std::int64_t out_stride) {
    start_with_bias(x, bias, begin, end, out, out_stride);
    for (std::int64_t row = 0; row < x.rows; row += rows_at_once) {
        const float* from = x.values + row * x.stride;
        float* to = out + row * out_stride;
        switch (std::min<std::int64_t>(rows_at_once, x.rows - row)) {
            case 1: transposed<1>(from, x.stride, w, begin, end, to, out_stride); break;
            case 2: transposed<2>(from, x.stride, w, begin, end, to, out_stride); break;
            case 3: transposed<3>(from, x.stride, w, begin, end, to, out_stride); break;
            default: transposed<rows_at_once>(from, x.stride, w, begin, end, to, out_stride);
        }
    }
}

#ifdef LOSSMITH_AVX512
LOSSMITH_AVX512 void multiply_panels(const FloatRows& x, const PlainMatrix& w, const PanelRange& range, float* out,
                                     std::int64_t out_stride) {
    alignas(64) float strip[inputs_of_strip * panel_width];
    thread_local std::vector<float> inputs;  // of all rows: [stretch of rows][input][lanes]
    thread_local std::vector<float> sums;    // of one panel, for a matrix whose last one is not whole
    // As even as can be, so that no stretch of few rows is left.
    const std::int64_t stretches = (x.rows + rows_of_strip - 1) / rows_of_strip;
    const std::int64_t rows_of_stretch = (x.rows + stretches - 1) / stretches;
    inputs.resize(std::max(inputs.size(), static_cast<std::size_t>(stretches * w.in * lanes)));
    for (std::int64_t row = 0; row < x.rows; row += rows_of_stretch)
        for (std::int64_t k = 0; k < w.in; k += lanes)
            copy_changed_over(x.values + row * x.stride + k, x.stride, std::min(rows_of_stretch, x.rows - row), std::min(lanes, w.in - k),
                              inputs.data() + (row / rows_of_stretch * w.in + k) * lanes, lanes);
    for (std::int64_t panel = range.begin; panel < range.end; ++panel) {
        const std::int64_t channel = panel * panel_width;
        const std::int64_t channels = std::min(panel_width, w.out - channel);
        const bool whole = channels == panel_width;
        if (!whole) sums.resize(static_cast<std::size_t>(x.rows * panel_width));
        float* to = whole ? out + channel : sums.data();
        const std::int64_t stride = whole ? out_stride : panel_width;
        start_with_bias(x, range.bias == nullptr ? nullptr : range.bias + channel, 0, channels, to, stride);
        for (std::int64_t first = 0; first < w.in; first += inputs_of_strip) {
            const std::int64_t count = std::min(inputs_of_strip, w.in - first);
            copy_strip(w, panel, first, count, strip);
            Soon soon;
            if (w.out_stride == 1) {
                if (first + inputs_of_strip < w.in)
                    soon = {w.values + (first + inputs_of_strip) * w.in_stride + channel, w.in_stride};
                else if (panel + 1 < range.end)
                    soon = {w.values + channel + panel_width, w.in_stride};
            }
            for (std::int64_t row = 0; row < x.rows; row += rows_of_stretch) {
                const std::int64_t rows = std::min(rows_of_stretch, x.rows - row);
                const float* own = inputs.data() + (row / rows_of_stretch * w.in + first) * lanes;
                strip_kernels[static_cast<std::size_t>(rows - 1)](own, strip, count, to + row * stride, stride, row == 0 ? soon : Soon());
            }
        }
        if (whole) continue;
        for (std::int64_t row = 0; row < x.rows; ++row) std::copy_n(to + row * stride, channels, out + row * out_stride + channel);
    }
}
#else
void multiply_panels(const FloatRows&, const PlainMatrix&, const PanelRange&, float*, std::int64_t) {
    std::abort();
}
#endif

}  // namespace lossmith::engine
