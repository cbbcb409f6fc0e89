#include "core/engine/model/RowProducts.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/engine/devices/Processor.h"
#include "core/engine/model/Lanes.h"
#include "core/engine/model/Tiles.h"
#include "core/engine/model/Wide.h"

#ifdef LOSSMITH_AVX512
#define LOSSMITH_BYTE_PRODUCTS __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#endif

namespace lossmith::engine {
namespace {

using Integers = std::int32_t __attribute__((vector_size(64)));
static_assert(panel_width == 2 * lanes);

LOSSMITH_INLINE std::uint16_t rounded_to_bf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>((bits >> 16U) | 0x40U);  // NaN stays NaN
    return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U);                 // to nearest, ties to even
}

LOSSMITH_INLINE float widened(std::uint16_t bf16) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16U);
}

/// Of a number below 2^22: adding and taking away 1.5 · 2^23 rounds it.
LOSSMITH_INLINE float nearest_whole(float value) {
    return (value + 12582912.0F) - 12582912.0F;
}

/// Inputs first…first + quantization_block of a panel's channels, [input][channel], zeros beyond the matrix.
LOSSMITH_INLINE void read_strip(const PlainMatrix& from, std::int64_t panel, std::int64_t first, float* strip) {
    const std::int64_t channel = panel * panel_width;
    const std::int64_t inputs = std::min(quantization_block, from.in - first);
    const std::int64_t channels = std::min(panel_width, from.out - channel);
    if (inputs < quantization_block || channels < panel_width) std::fill(strip, strip + quantization_block * panel_width, 0.0F);
    const float* values = from.values + first * from.in_stride + channel * from.out_stride;
    if (from.out_stride == 1) {
        for (std::int64_t k = 0; k < inputs; ++k)
            std::copy(values + k * from.in_stride, values + k * from.in_stride + channels, strip + k * panel_width);
        return;
    }
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t k = 0; k < inputs; ++k) strip[k * panel_width + c] = values[k * from.in_stride + c * from.out_stride];
}

/// Puts a panel's sums where they belong; the last panel of a matrix may be wider than what is left of it.
LOSSMITH_INLINE void put_panel(const float* all, const PanelRange& range, std::int64_t panel, float* out) {
    const std::int64_t first = panel * panel_width;
    const std::int64_t count = std::min(panel_width, range.out - first);
    for (std::int64_t c = 0; c < count; ++c) out[first + c] = all[c] + (range.bias != nullptr ? range.bias[first + c] : 0.0F);
}

LOSSMITH_INLINE void put_panel(const Floats (&sums)[2], const PanelRange& range, std::int64_t panel, float* out) {
    float all[panel_width];
    store(all, sums[0]);
    store(all + lanes, sums[1]);
    put_panel(all, range, panel, out);
}

template <int rows>
LOSSMITH_INLINE void bf16_panel(const float* x, std::int64_t stride, const std::uint16_t* panel, std::int64_t in, Floats (&sums)[rows][2]) {
    Floats low[rows][2] = {};
    Floats high[rows][2] = {};
    for (std::int64_t k = 0; k < in; k += 2, panel += 2 * panel_width)
        for (int v = 0; v < 2; ++v) {
            Words pairs;
            load(pairs, panel + v * 2 * lanes);
            const Words shifted = pairs << 16U;
            const Words kept = pairs & 0xffff0000U;
            Floats first, second;
            std::memcpy(&first, &shifted, sizeof first);
            std::memcpy(&second, &kept, sizeof second);
            for (int r = 0; r < rows; ++r) {
                low[r][v] += x[r * stride + k] * first;
                high[r][v] += x[r * stride + k + 1] * second;
            }
        }
    for (int r = 0; r < rows; ++r)
        for (int v = 0; v < 2; ++v) sums[r][v] = low[r][v] + high[r][v];
}

template <int rows>
LOSSMITH_INLINE void bf16_rows(const float* x, std::int64_t stride, const std::uint16_t* panel, const PanelRange& range, std::int64_t at,
                               float* out, std::int64_t out_stride) {
    Floats sums[rows][2];
    bf16_panel<rows>(x, stride, panel, padded_inputs(range.in), sums);
    for (int r = 0; r < rows; ++r) put_panel(sums[r], range, at, out + r * out_stride);
}

/// What a panel in int8 gives, before its channels' scales: with the bytes as floats, whose sums over a block stay exact below 2^24.
template <int rows>
LOSSMITH_INLINE void int8_panel(const QuantizedRows& x, std::int64_t row, const std::uint8_t* panel, std::int64_t blocks,
                                Floats (&sums)[rows][2]) {
    for (int r = 0; r < rows; ++r) sums[r][0] = sums[r][1] = Floats{};
    for (std::int64_t block = 0; block < blocks; ++block) {
        Floats exact[rows][2];
        for (int r = 0; r < rows; ++r) exact[r][0] = exact[r][1] = Floats{} + static_cast<float>(x.offsets[(row + r) * blocks + block]);
        const float* inputs = x.values + row * x.stride + block * quantization_block;
        for (std::int64_t k = 0; k < quantization_block; k += 4, panel += 4 * panel_width)
            for (int v = 0; v < 2; ++v) {
                Words quads;
                load(quads, panel + v * 4 * lanes);
                for (int b = 0; b < 4; ++b) {
                    const Words byte = (quads >> static_cast<std::uint32_t>(8 * b)) & 0xffU;
                    Integers number;
                    std::memcpy(&number, &byte, sizeof number);
                    const Floats weights = __builtin_convertvector(number, Floats);
                    for (int r = 0; r < rows; ++r) exact[r][v] += inputs[r * x.stride + k + b] * weights;
                }
            }
        for (int r = 0; r < rows; ++r)
            for (int v = 0; v < 2; ++v) sums[r][v] += x.scales[(row + r) * blocks + block] * exact[r][v];
    }
}

LOSSMITH_INLINE void scale_panel(Floats (&sums)[2], const float* scales) {
    for (int v = 0; v < 2; ++v) {
        Floats own;
        load(own, scales + v * lanes);
        sums[v] *= own;
    }
}

template <int rows>
LOSSMITH_INLINE void int8_rows(const QuantizedRows& x, std::int64_t row, const std::uint8_t* panel, const float* scales,
                               const PanelRange& range, std::int64_t at, float* out, std::int64_t out_stride) {
    Floats sums[rows][2];
    int8_panel<rows>(x, row, panel, padded_inputs(range.in) / quantization_block, sums);
    for (int r = 0; r < rows; ++r) {
        scale_panel(sums[r], scales + at * panel_width);
        put_panel(sums[r], range, at, out + (row + r) * out_stride);
    }
}

#ifdef LOSSMITH_BYTE_PRODUCTS

template <int rows>
LOSSMITH_BYTE_PRODUCTS void int8_with_byte_products(const QuantizedRows& x, std::int64_t row, const std::uint8_t* panel,
                                                    const float* scales, const PanelRange& range, std::int64_t at, float* out,
                                                    std::int64_t out_stride) {
    const std::int64_t blocks = padded_inputs(range.in) / quantization_block;
    __m512 sums[rows][2];
    for (int r = 0; r < rows; ++r) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    for (std::int64_t block = 0; block < blocks; ++block) {
        __m512i exact[rows][2];
        for (int r = 0; r < rows; ++r) exact[r][0] = exact[r][1] = _mm512_set1_epi32(x.offsets[(row + r) * blocks + block]);
        const std::int8_t* inputs = x.bytes + row * x.stride + block * quantization_block;
        for (std::int64_t k = 0; k < quantization_block; k += 4, panel += 4 * panel_width) {
            const __m512i low = _mm512_loadu_si512(panel);
            const __m512i high = _mm512_loadu_si512(panel + 4 * lanes);
            for (int r = 0; r < rows; ++r) {
                std::int32_t quad = 0;
                std::memcpy(&quad, inputs + r * x.stride + k, sizeof quad);
                const __m512i own = _mm512_set1_epi32(quad);
                exact[r][0] = _mm512_dpbusd_epi32(exact[r][0], low, own);
                exact[r][1] = _mm512_dpbusd_epi32(exact[r][1], high, own);
            }
        }
        for (int r = 0; r < rows; ++r) {
            const __m512 scale = _mm512_set1_ps(x.scales[(row + r) * blocks + block]);
            for (int v = 0; v < 2; ++v) sums[r][v] = _mm512_fmadd_ps(scale, _mm512_maskz_cvtepi32_ps(0xffff, exact[r][v]), sums[r][v]);
        }
    }
    for (int r = 0; r < rows; ++r) {
        Floats scaled[2];
        for (int v = 0; v < 2; ++v) {
            const __m512 own = _mm512_mul_ps(sums[r][v], _mm512_loadu_ps(scales + at * panel_width + v * lanes));
            std::memcpy(&scaled[v], &own, sizeof own);
        }
        put_panel(scaled, range, at, out + (row + r) * out_stride);
    }
}

bool processor_multiplies_bytes() {
    static const bool it_does = processor_has_avx512() && __builtin_cpu_supports("avx512vnni") != 0;
    return it_does;
}

#endif

#ifdef LOSSMITH_TILES

/// Two tiles of 16 rows times two of 16 channels, 32 inputs at a time. The rows' memory reaches to the end of the last block.
LOSSMITH_TILES void bf16_with_tiles(const RoundedRows& x, std::int64_t rows, const std::uint16_t* panels, const PanelRange& range,
                                    float* out, std::int64_t out_stride) {
    constexpr std::int64_t tile = 16;
    set_up_tiles();
    const std::int64_t inputs = padded_inputs(range.in);
    const auto row_bytes = static_cast<std::size_t>(x.stride) * sizeof(std::uint16_t);
    constexpr std::size_t panel_bytes = panel_width * 2 * sizeof(std::uint16_t);
    alignas(64) float sums[row_block][panel_width];
    for (std::int64_t at = range.begin; at < range.end; ++at)
        for (std::int64_t row = 0; row < rows; row += row_block) {
            const std::uint16_t* panel = panels + at * inputs * panel_width;
            const std::uint16_t* upper = x.bits + row * x.stride;
            const std::uint16_t* lower = upper + tile * x.stride;
            const bool has_lower = rows - row > tile;
            _tile_zero(0);
            _tile_zero(1);
            _tile_zero(2);
            _tile_zero(3);
            for (std::int64_t k = 0; k < inputs; k += 32, panel += 32 * panel_width) {
                _tile_loadd(4, upper + k, row_bytes);
                _tile_loadd(6, panel, panel_bytes);
                _tile_loadd(7, panel + 2 * lanes, panel_bytes);
                _tile_dpbf16ps(0, 4, 6);
                _tile_dpbf16ps(1, 4, 7);
                if (!has_lower) continue;
                _tile_loadd(5, lower + k, row_bytes);
                _tile_dpbf16ps(2, 5, 6);
                _tile_dpbf16ps(3, 5, 7);
            }
            _tile_stored(0, &sums[0][0], sizeof sums[0]);
            _tile_stored(1, &sums[0][lanes], sizeof sums[0]);
            _tile_stored(2, &sums[tile][0], sizeof sums[0]);
            _tile_stored(3, &sums[tile][lanes], sizeof sums[0]);
            for (std::int64_t r = 0; r < std::min(row_block, rows - row); ++r) put_panel(sums[r], range, at, out + (row + r) * out_stride);
        }
    _tile_release();
}

#endif

}  // namespace

LOSSMITH_WIDE void lay_out_bf16(const PlainMatrix& from, std::int64_t panel, std::uint16_t* to) {
    const std::int64_t padded = padded_inputs(from.in);
    float strip[quantization_block * panel_width];
    for (std::int64_t first = 0; first < padded; first += quantization_block, to += quantization_block * panel_width) {
        read_strip(from, panel, first, strip);
        for (std::int64_t pair = 0; pair < quantization_block / 2; ++pair)
            for (std::int64_t c = 0; c < panel_width; ++c)
                for (std::int64_t k = 0; k < 2; ++k)
                    to[(pair * panel_width + c) * 2 + k] = rounded_to_bf16(strip[(pair * 2 + k) * panel_width + c]);
    }
}

LOSSMITH_WIDE void lay_out_int8(const PlainMatrix& from, std::int64_t panel, std::uint8_t* to, float* scales) {
    const std::int64_t padded = padded_inputs(from.in);
    float strip[quantization_block * panel_width];
    float greatest[panel_width] = {};
    for (std::int64_t first = 0; first < padded; first += quantization_block) {
        read_strip(from, panel, first, strip);
        for (std::int64_t k = 0; k < quantization_block; ++k)
            for (std::int64_t c = 0; c < panel_width; ++c) greatest[c] = std::max(greatest[c], std::abs(strip[k * panel_width + c]));
    }
    float inverse[panel_width];
    for (std::int64_t c = 0; c < panel_width; ++c) {
        scales[c] = greatest[c] / 127.0F;
        inverse[c] = greatest[c] > 0.0F ? 127.0F / greatest[c] : 0.0F;
    }
    for (std::int64_t first = 0; first < padded; first += quantization_block, to += quantization_block * panel_width) {
        read_strip(from, panel, first, strip);
        for (std::int64_t quad = 0; quad < quantization_block / 4; ++quad)
            for (std::int64_t c = 0; c < panel_width; ++c)
                for (std::int64_t k = 0; k < 4; ++k)
                    to[(quad * panel_width + c) * 4 + k] = static_cast<std::uint8_t>(
                        static_cast<std::int32_t>(nearest_whole(strip[(quad * 4 + k) * panel_width + c] * inverse[c])) + 128);
    }
}

LOSSMITH_WIDE void round_row(const float* in, std::int64_t count, const RoundedRows& to, std::int64_t row) {
    float* values = to.values + row * to.stride;
    std::uint16_t* bits = to.bits + row * to.stride;
    for (std::int64_t k = 0; k < count; ++k) bits[k] = rounded_to_bf16(in[k]);
    for (std::int64_t k = count; k < to.stride; ++k) bits[k] = 0;
    for (std::int64_t k = 0; k < to.stride; ++k) values[k] = widened(bits[k]);
}

LOSSMITH_WIDE void quantize_row(const float* in, std::int64_t count, const QuantizedRows& to, std::int64_t row) {
    const std::int64_t blocks = to.stride / quantization_block;
    for (std::int64_t block = 0; block < blocks; ++block) {
        float values[quantization_block] = {};
        const std::int64_t first = block * quantization_block;
        const std::int64_t own = std::min(quantization_block, count - first);
        for (std::int64_t k = 0; k < own; ++k) values[k] = in[first + k];
        float greatest = 0.0F;
        float total = 0.0F;
        for (const float value : values) {
            greatest = std::max(greatest, std::abs(value));
            total += value;
        }
        if (!std::isfinite(total)) std::fill(values, values + quantization_block, 0.0F);  // it is told by the scale
        const float inverse = greatest > 0.0F ? 127.0F / greatest : 0.0F;
        std::int32_t sum = 0;
        for (std::int64_t k = 0; k < quantization_block; ++k) {
            const float whole = nearest_whole(values[k] * inverse);
            to.values[row * to.stride + first + k] = whole;
            to.bytes[row * to.stride + first + k] = static_cast<std::int8_t>(whole);
            sum += static_cast<std::int32_t>(whole);
        }
        to.scales[row * blocks + block] = std::isfinite(total) ? greatest / 127.0F : total;
        to.offsets[row * blocks + block] = -128 * sum;
    }
}

LOSSMITH_WIDE void multiply_bf16_with_floats(const RoundedRows& x, std::int64_t rows, const std::uint16_t* panels, const PanelRange& range,
                                             float* out, std::int64_t out_stride) {
    const std::int64_t size = padded_inputs(range.in) * panel_width;
    for (std::int64_t at = range.begin; at < range.end; ++at) {
        const std::uint16_t* panel = panels + at * size;
        std::int64_t row = 0;
        for (; row + rows_at_once <= rows; row += rows_at_once)
            bf16_rows<rows_at_once>(x.values + row * x.stride, x.stride, panel, range, at, out + row * out_stride, out_stride);
        for (; row < rows; ++row) bf16_rows<1>(x.values + row * x.stride, x.stride, panel, range, at, out + row * out_stride, out_stride);
    }
}

void multiply_bf16(const RoundedRows& x, std::int64_t rows, const std::uint16_t* panels, const PanelRange& range, float* out,
                   std::int64_t out_stride) {
#ifdef LOSSMITH_TILES
    if (rows > rows_at_once && processor_multiplies_tiles()) {
        bf16_with_tiles(x, rows, panels, range, out, out_stride);
        return;
    }
#endif
    multiply_bf16_with_floats(x, rows, panels, range, out, out_stride);
}

LOSSMITH_WIDE void multiply_int8_with_floats(const QuantizedRows& x, std::int64_t rows, const std::uint8_t* panels, const float* scales,
                                             const PanelRange& range, float* out, std::int64_t out_stride) {
    const std::int64_t size = padded_inputs(range.in) * panel_width;
    for (std::int64_t at = range.begin; at < range.end; ++at) {
        std::int64_t row = 0;
        for (; row + rows_at_once <= rows; row += rows_at_once)
            int8_rows<rows_at_once>(x, row, panels + at * size, scales, range, at, out, out_stride);
        for (; row < rows; ++row) int8_rows<1>(x, row, panels + at * size, scales, range, at, out, out_stride);
    }
}

void multiply_int8(const QuantizedRows& x, std::int64_t rows, const std::uint8_t* panels, const float* scales, const PanelRange& range,
                   float* out, std::int64_t out_stride) {
#ifdef LOSSMITH_BYTE_PRODUCTS
    if (processor_multiplies_bytes()) {
        const std::int64_t size = padded_inputs(range.in) * panel_width;
        for (std::int64_t at = range.begin; at < range.end; ++at) {
            std::int64_t row = 0;
            for (; row + rows_at_once <= rows; row += rows_at_once)
                int8_with_byte_products<rows_at_once>(x, row, panels + at * size, scales, range, at, out, out_stride);
            for (; row < rows; ++row) int8_with_byte_products<1>(x, row, panels + at * size, scales, range, at, out, out_stride);
        }
        return;
    }
#endif
    multiply_int8_with_floats(x, rows, panels, scales, range, out, out_stride);
}

}  // namespace lossmith::engine
