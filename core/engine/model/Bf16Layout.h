// How Bf16Product.cpp lays numbers out for its kernels: in blocks of sixteen rows of thirty-two bfloat16 numbers of `a`, and of sixteen
// pairs of rows of sixteen columns of b, as a processor's tiles take them. Included there alone.
#pragma once

#include "core/engine/model/Avx512.h"

#ifdef LOSSMITH_AVX512
#include <algorithm>
#include <cstdint>

#include "core/engine/model/Bf16Product.h"

namespace lossmith::engine::bf16 {

inline constexpr std::int64_t side = 16;         // rows of a tile, and fp32 columns of a tile of sums
inline constexpr std::int64_t depth = 32;        // bfloat16 columns of a tile of operands
inline constexpr std::int64_t tile_words = 512;  // 16-bit words of a tile
inline constexpr std::int64_t tile_row = 64;     // bytes
inline constexpr std::int64_t panel = 2 * side;  // columns of b at a time

inline std::int64_t tiles_of(std::int64_t count, std::int64_t size) {
    return (count + size - 1) / size;
}

inline __mmask16 first_of(std::int64_t count) {
    return static_cast<__mmask16>(count >= side ? 0xffffU : count <= 0 ? 0U : (1U << static_cast<unsigned>(count)) - 1U);
}

/// A stretch of the product: rows from `row` (as many tiles as were laid out), all columns from `k`.
struct Stretch {
    std::int64_t row = 0;
    std::int64_t row_tiles = 0;
    std::int64_t k = 0;
    std::int64_t steps = 0;
};

/// Two times sixteen numbers of which parts are taken, each the bfloat16 number nearest to what is left.
class Twice {
public:
    LOSSMITH_AVX512_BF16_INLINE Twice(__m512 first, __m512 second) : m_first(first), m_second(second) {}

    /// The second sixteen behind the first.
    LOSSMITH_AVX512_BF16_INLINE __m512i in_a_row(bool more) {
        if (!more && m_whole) return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(m_second, m_first));
        alignas(64) static constexpr std::uint16_t upper_halves[32] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
                                                                       33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
        const __m512i first = take(m_first, more);
        const __m512i second = take(m_second, more);
        m_whole = false;
        return _mm512_permutex2var_epi16(first, _mm512_load_si512(upper_halves), second);
    }

    /// One of the first and one of the second by turns.
    LOSSMITH_AVX512_BF16_INLINE __m512i by_turns(bool more) {
        if (!more && m_whole) {
            alignas(64) static constexpr std::uint16_t turns[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                                    8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
            return _mm512_permutexvar_epi16(_mm512_load_si512(turns), reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(m_second, m_first)));
        }
        const __m512i first = take(m_first, more);
        const __m512i second = take(m_second, more);
        m_whole = false;
        constexpr int second_where_upper = 0xac;  // upper ? second : first, bit by bit
        return _mm512_ternarylogic_epi32(_mm512_set1_epi32(static_cast<int>(0xffff0000U)), _mm512_srli_epi32(first, 16), second,
                                         second_where_upper);
    }

private:
    /// A part in the upper halves of words; what is left stays in `of`, nothing of what is not finite: infinity less infinity would not be
    /// a number.
    LOSSMITH_AVX512_BF16_INLINE static __m512i take(__m512& of, bool more) {
        constexpr int not_finite = 0x99;
        const __mmask16 finite = _knot_mask16(_mm512_fpclass_ps_mask(of, not_finite));
        const __m512i bits = _mm512_castps_si512(of);
        const __m512i nearest = _mm512_mask_add_epi32(bits, finite, bits, _mm512_set1_epi32(0x8000));
        if (!more) return nearest;
        const __m512i part = _mm512_and_si512(nearest, _mm512_set1_epi32(static_cast<int>(0xffff0000U)));
        of = _mm512_maskz_sub_ps(finite, of, _mm512_castsi512_ps(part));
        return part;
    }

    __m512 m_first, m_second;
    bool m_whole = true;  // nothing was taken
};

/// Sixteen rows of sixteen pairs become sixteen rows of sixteen pairs, rows and columns changed over.
LOSSMITH_AVX512_BF16_INLINE void transpose_pairs(std::uint16_t* tile) {
    __m512i row[16];
    for (int i = 0; i < 16; ++i) row[i] = _mm512_load_si512(tile + i * depth);
    transpose(row);
    for (int i = 0; i < 16; ++i) _mm512_store_si512(tile + i * depth, row[i]);
}

/// Numbers `at` and the fifteen behind it.
LOSSMITH_AVX512_BF16_INLINE __m512 sixteen(const Bf16Operand& from, std::int64_t at, __mmask16 mask) {
    if (!from.bf16) return _mm512_maskz_loadu_ps(mask, static_cast<const float*>(from.values) + at);
    const __m256i bits = _mm256_maskz_loadu_epi16(mask, static_cast<const std::uint16_t*>(from.values) + at);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/// One tile of sixteen rows (from `row`) of thirty-two columns (from `column`) of a matrix whose columns lie side by side; zeros beyond
/// it. Part p goes to to + p * tile_words.
LOSSMITH_AVX512_BF16_INLINE void lay_out_rows(const Bf16Operand& from, std::int64_t row, std::int64_t column, int parts,
                                              std::uint16_t* to) {
    const std::int64_t columns = from.columns - column;
    const __mmask16 first = first_of(columns);
    const __mmask16 second = first_of(columns - side);
    const std::int64_t rows = std::min(side, from.rows - row);
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t at = (row + r) * from.row_stride + column;
        Twice values{sixteen(from, at, first), sixteen(from, at + side, second)};
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + r * depth, values.in_a_row(p + 1 < parts));
    }
    for (std::int64_t r = std::max<std::int64_t>(rows, 0); r < side; ++r)
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + r * depth, _mm512_setzero_si512());
}

/// One tile of sixteen pairs of rows (thirty-two from `row`) of sixteen columns (from `column`) of the same, the two numbers of a pair side
/// by side.
LOSSMITH_AVX512_BF16_INLINE void lay_out_pairs(const Bf16Operand& from, std::int64_t row, std::int64_t column, int parts,
                                               std::uint16_t* to) {
    const __mmask16 mask = first_of(from.columns - column);
    for (std::int64_t pair = 0; pair < side; ++pair) {
        const std::int64_t upper = row + 2 * pair;
        const std::int64_t at = upper * from.row_stride + column;
        Twice values{sixteen(from, at, upper < from.rows ? mask : __mmask16{0}),
                     sixteen(from, at + from.row_stride, upper + 1 < from.rows ? mask : __mmask16{0})};
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + pair * depth, values.by_turns(p + 1 < parts));
    }
}

inline Bf16Operand transposed(const Bf16Operand& of) {
    return {of.values, of.bf16, of.columns, of.rows, of.column_stride, of.row_stride};
}

/// Asks for the rows of a tile that is laid out soon: they lie far from one another, which the processor does not foresee.
LOSSMITH_AVX512_BF16_INLINE void ask_for(const Bf16Operand& b, std::int64_t k, std::int64_t column) {
    if (b.bf16) return;
    const float* values = static_cast<const float*>(b.values) + k * b.row_stride + column;
    for (std::int64_t row = 0; row < depth; ++row) _mm_prefetch(values + row * b.row_stride, _MM_HINT_T0);
}

/// a's tile of rows `row` and columns `k`, or b's of rows `k` and columns `column`.
LOSSMITH_AVX512_BF16_INLINE void lay_out_a(const Bf16Operand& a, std::int64_t row, std::int64_t k, int parts, std::uint16_t* to) {
    if (a.column_stride == 1) return lay_out_rows(a, row, k, parts, to);
    lay_out_pairs(transposed(a), k, row, parts, to);
    for (int p = 0; p < parts; ++p) transpose_pairs(to + p * tile_words);
}
LOSSMITH_AVX512_BF16_INLINE void lay_out_b(const Bf16Operand& b, std::int64_t k, std::int64_t column, int parts, std::uint16_t* to) {
    if (b.column_stride == 1) return lay_out_pairs(b, k, column, parts, to);
    lay_out_rows(transposed(b), column, k, parts, to);
    for (int p = 0; p < parts; ++p) transpose_pairs(to + p * tile_words);
}

}  // namespace lossmith::engine::bf16
#endif
