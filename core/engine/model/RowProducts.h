// Products of a few rows with a large matrix, as one-token steps need them: bound by how fast the matrix comes from memory, so that it is
// read once, in the order in which it lies, in as few bytes as its precision takes. No Torch here.
#pragma once

#include <cstdint>

namespace lossmith::engine {

/// Output channels that lie side by side in a matrix laid out in bf16 or int8.
inline constexpr std::int64_t panel_width = 32;
/// Inputs of a row that share one scale in int8; matrices laid out are filled up with zeros to a multiple of it.
inline constexpr std::int64_t quantization_block = 32;

/// Element (input k, output channel c) is values[k * in_stride + c * out_stride].
struct PlainMatrix {
    const float* values = nullptr;
    std::int64_t in = 0;
    std::int64_t out = 0;
    std::int64_t in_stride = 0;
    std::int64_t out_stride = 0;
};

/// `in` and `out` filled up: how many rows of a panel there are, and how many panels.
[[nodiscard]] constexpr std::int64_t padded_inputs(std::int64_t in) {
    return (in + quantization_block - 1) / quantization_block * quantization_block;
}
[[nodiscard]] constexpr std::int64_t panels_of(std::int64_t out) {
    return (out + panel_width - 1) / panel_width;
}

/// One panel, [padded in / 2][panel_width][2]: weights rounded to bfloat16, two inputs of a channel side by side.
void lay_out_bf16(const PlainMatrix& from, std::int64_t panel, std::uint16_t* to);

/// One panel, [padded in / 4][panel_width][4]: weight = (byte - 128) * scale of its channel, the channel's greatest being 127 away from
/// 128.
void lay_out_int8(const PlainMatrix& from, std::int64_t panel, std::uint8_t* to, float* scales);

/// Rows of inputs for a matrix in int8: value = quantized * scale of its block, the block's greatest being 127.
struct QuantizedRows {
    std::int8_t* bytes = nullptr;     ///< [rows, padded in]
    float* values = nullptr;          ///< the same as floats, for processors without products of bytes
    float* scales = nullptr;          ///< [rows, padded in / quantization_block]
    std::int32_t* offsets = nullptr;  ///< the same shape: -128 times the sum of the block's bytes
    std::int64_t stride = 0;          ///< padded in
};

/// Rows of inputs for a matrix in bf16: rounded, zeros after the last input. The memory holds a whole number of `row_block`s.
struct RoundedRows {
    float* values = nullptr;        ///< [rows, padded in]
    std::uint16_t* bits = nullptr;  ///< the same as bfloat16
    std::int64_t stride = 0;        ///< padded in
};
inline constexpr std::int64_t row_block = 32;

void round_row(const float* in, std::int64_t count, const RoundedRows& to, std::int64_t row);
void quantize_row(const float* in, std::int64_t count, const QuantizedRows& to, std::int64_t row);

/// Some rows in fp32, row r at values + r * stride.
struct FloatRows {
    const float* values = nullptr;
    std::int64_t stride = 0;
    std::int64_t rows = 0;
};

/// out[r * out_stride + c] = bias[c] + sum over k of x[r, k] * w[k, c] for the channels begin <= c < end of a matrix [in, out] as it
/// stands. bias may be null. So for the others; a range of panels stands for their channels, cut at `out`.
void multiply_columns(const FloatRows& x, const PlainMatrix& w, const float* bias, std::int64_t begin, std::int64_t end, float* out,
                      std::int64_t out_stride);
/// The same of a matrix [out, in].
void multiply_transposed(const FloatRows& x, const PlainMatrix& w, const float* bias, std::int64_t begin, std::int64_t end, float* out,
                         std::int64_t out_stride);

struct PanelRange {
    std::int64_t in, out;     ///< of the matrix
    std::int64_t begin, end;  ///< panels
    const float* bias;        ///< [out] or null
};
/// For tens of rows and either way a matrix may lie, in fp32: each panel is copied to where its channels lie side by side, and read from
/// there for some rows at a time. Only where processor_has_avx512().
void multiply_panels(const FloatRows& x, const PlainMatrix& w, const PanelRange& range, float* out, std::int64_t out_stride);

void multiply_bf16(const RoundedRows& x, std::int64_t rows, const std::uint16_t* panels, const PanelRange& range, float* out,
                   std::int64_t out_stride);
/// What the same comes to without the processor's tiles.
void multiply_bf16_with_floats(const RoundedRows& x, std::int64_t rows, const std::uint16_t* panels, const PanelRange& range, float* out,
                               std::int64_t out_stride);
/// Sums of 32 products are exact, so that all processors agree but for the order in which blocks are added.
void multiply_int8(const QuantizedRows& x, std::int64_t rows, const std::uint8_t* panels, const float* scales, const PanelRange& range,
                   float* out, std::int64_t out_stride);
/// What the same comes to without instructions for products of bytes.
void multiply_int8_with_floats(const QuantizedRows& x, std::int64_t rows, const std::uint8_t* panels, const float* scales,
                               const PanelRange& range, float* out, std::int64_t out_stride);

}  // namespace lossmith::engine
