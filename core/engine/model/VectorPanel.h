// Thirty-two columns of a product with the instruction of AVX-512 that multiplies pairs of bfloat16 numbers (vdpbf16ps). Included by
// Bf16Product.cpp alone.
#pragma once

#include "core/engine/model/Bf16Layout.h"

#ifdef LOSSMITH_AVX512
#include <cstring>

namespace lossmith::engine::bf16 {

/// Rows whose sums are held in registers at a time: with two registers of columns each, sixteen sums, which is what the instruction's
/// latency asks for, and loads for half as many.
inline constexpr int rows_of_sums = 8;

struct VectorSums {
    __m512 left[rows_of_sums];
    __m512 right[rows_of_sums];
};

/// Adds the product of block `a` (of rows) and the two blocks b (of pairs), `right` words apart.
LOSSMITH_AVX512_BF16_INLINE void add_block(VectorSums& sums, const std::uint16_t* a, const std::uint16_t* b, std::int64_t right) {
#pragma GCC unroll 4
    for (std::int64_t pair = 0; pair < side; ++pair) {
        const auto of_left = reinterpret_cast<__m512bh>(_mm512_load_si512(b + pair * depth));
        const auto of_right = reinterpret_cast<__m512bh>(_mm512_load_si512(b + right + pair * depth));
#pragma GCC unroll 8
        for (int r = 0; r < rows_of_sums; ++r) {
            int two = 0;
            std::memcpy(&two, a + r * depth + 2 * pair, sizeof two);
            const auto both = reinterpret_cast<__m512bh>(_mm512_set1_epi32(two));
            sums.left[r] = _mm512_dpbf16_ps(sums.left[r], both, of_left);
            sums.right[r] = _mm512_dpbf16_ps(sums.right[r], both, of_right);
        }
    }
}

/// Of the products of parts those are left out that are smaller than what the numbers themselves have lost.
LOSSMITH_AVX512_BF16 inline void vector_panel(const Bf16Product& product, const Stretch& stretch, const std::uint16_t* a,
                                              const std::uint16_t* b, std::int64_t column) {
    const int parts = product.parts;
    const std::int64_t columns = std::min(panel, product.b.columns - column);
    const __mmask16 left_mask = first_of(columns);
    const __mmask16 right_mask = first_of(columns - side);
    const std::int64_t tile_of_rows = stretch.steps * parts * tile_words;
    const bool fresh = stretch.k == 0 && !product.add;
    alignas(64) float start[panel] = {};
    if (product.bias != nullptr) std::copy_n(product.bias + column, columns, start);
    for (std::int64_t first = 0; first < stretch.row_tiles * side; first += rows_of_sums) {
        const std::int64_t row = stretch.row + first;
        const std::int64_t rows = std::min<std::int64_t>(rows_of_sums, product.a.rows - row);
        if (rows <= 0) break;
        const std::uint16_t* of_a = a + first / side * tile_of_rows + first % side * depth;
        const std::uint16_t* of_b = b;
        VectorSums sums;
#pragma GCC unroll 8
        for (int r = 0; r < rows_of_sums; ++r) sums.left[r] = sums.right[r] = _mm512_setzero_ps();
        for (std::int64_t step = 0; step < stretch.steps; ++step, of_a += parts * tile_words, of_b += 2 * parts * tile_words)
            for (int part_a = parts - 1; part_a >= 0; --part_a)
                for (int part_b = parts - 1 - part_a; part_b >= 0; --part_b)
                    add_block(sums, of_a + part_a * tile_words, of_b + part_b * tile_words, parts * tile_words);

        float* out = product.out + row * product.out_stride + column;
        const float* source = fresh ? start : out;
        const std::int64_t source_stride = fresh ? 0 : product.out_stride;
#pragma GCC unroll 8
        for (int r = 0; r < rows_of_sums; ++r) {
            if (r >= rows) break;
            const __m512 left = _mm512_add_ps(sums.left[r], _mm512_maskz_loadu_ps(left_mask, source + r * source_stride));
            const __m512 right = _mm512_add_ps(sums.right[r], _mm512_maskz_loadu_ps(right_mask, source + r * source_stride + side));
            _mm512_mask_storeu_ps(out + r * product.out_stride, left_mask, left);
            _mm512_mask_storeu_ps(out + r * product.out_stride + side, right_mask, right);
        }
    }
}

}  // namespace lossmith::engine::bf16
#endif
