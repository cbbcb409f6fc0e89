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

/// Two times sixteen numbers, as the bfloat16 numbers nearest to them, the second sixteen behind the first.
struct Twice {
    __m512 first, second;
};

LOSSMITH_AVX512_INLINE __m512i take_part(Twice& of, bool more) {
    const auto part = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(of.second, of.first));
    if (!more) return part;
    const __m512i first = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(part)), 16);
    const __m512i second = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(part, 1)), 16);
    of.first = _mm512_sub_ps(of.first, _mm512_castsi512_ps(first));
    of.second = _mm512_sub_ps(of.second, _mm512_castsi512_ps(second));
    // Nothing is left of what is not finite: infinity less infinity would not be a number.
    of.first = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(of.first, of.first, _CMP_ORD_Q), of.first);
    of.second = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(of.second, of.second, _CMP_ORD_Q), of.second);
    return part;
}

/// Sixteen rows of sixteen pairs become sixteen rows of sixteen pairs, rows and columns changed over.
LOSSMITH_AVX512_INLINE void transpose_pairs(std::uint16_t* tile) {
    __m512i row[16];
    __m512i next[16];
    for (int i = 0; i < 16; ++i) row[i] = _mm512_load_si512(tile + i * depth);
    for (int i = 0; i < 16; i += 2) {
        next[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        next[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        row[i] = _mm512_unpacklo_epi64(next[i], next[i + 2]);
        row[i + 1] = _mm512_unpackhi_epi64(next[i], next[i + 2]);
        row[i + 2] = _mm512_unpacklo_epi64(next[i + 1], next[i + 3]);
        row[i + 3] = _mm512_unpackhi_epi64(next[i + 1], next[i + 3]);
    }
    // Now 128-bit lane l of row[4 g + c] holds column 4 l + c of rows 4 g ... 4 g + 3.
    for (int c = 0; c < 4; ++c) {
        const __m512i low01 = _mm512_shuffle_i32x4(row[c], row[4 + c], 0x88);   // lanes 0, 2 of the first two groups
        const __m512i high01 = _mm512_shuffle_i32x4(row[c], row[4 + c], 0xdd);  // lanes 1, 3
        const __m512i low23 = _mm512_shuffle_i32x4(row[8 + c], row[12 + c], 0x88);
        const __m512i high23 = _mm512_shuffle_i32x4(row[8 + c], row[12 + c], 0xdd);
        _mm512_store_si512(tile + (0 + c) * depth, _mm512_shuffle_i32x4(low01, low23, 0x88));
        _mm512_store_si512(tile + (4 + c) * depth, _mm512_shuffle_i32x4(high01, high23, 0x88));
        _mm512_store_si512(tile + (8 + c) * depth, _mm512_shuffle_i32x4(low01, low23, 0xdd));
        _mm512_store_si512(tile + (12 + c) * depth, _mm512_shuffle_i32x4(high01, high23, 0xdd));
    }
}

/// Numbers `at` and the fifteen behind it.
LOSSMITH_AVX512_INLINE __m512 sixteen(const Bf16Operand& from, std::int64_t at, __mmask16 mask) {
    if (!from.bf16) return _mm512_maskz_loadu_ps(mask, static_cast<const float*>(from.values) + at);
    const __m256i bits = _mm256_maskz_loadu_epi16(mask, static_cast<const std::uint16_t*>(from.values) + at);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/// One tile of sixteen rows (from `row`) of thirty-two columns (from `column`) of a matrix whose columns lie side by side; zeros beyond
/// it. Part p goes to to + p * tile_words.
LOSSMITH_AVX512_INLINE void lay_out_rows(const Bf16Operand& from, std::int64_t row, std::int64_t column, int parts, std::uint16_t* to) {
    const std::int64_t columns = from.columns - column;
    const __mmask16 first = first_of(columns);
    const __mmask16 second = first_of(columns - side);
    const std::int64_t rows = std::min(side, from.rows - row);
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t at = (row + r) * from.row_stride + column;
        Twice values{sixteen(from, at, first), sixteen(from, at + side, second)};
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + r * depth, take_part(values, p + 1 < parts));
    }
    for (std::int64_t r = std::max<std::int64_t>(rows, 0); r < side; ++r)
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + r * depth, _mm512_setzero_si512());
}

/// One tile of sixteen pairs of rows (thirty-two from `row`) of sixteen columns (from `column`) of the same, the two numbers of a pair side
/// by side.
LOSSMITH_AVX512_INLINE void lay_out_pairs(const Bf16Operand& from, std::int64_t row, std::int64_t column, int parts, std::uint16_t* to) {
    alignas(64) static constexpr std::uint16_t by_turns[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                               8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i order = _mm512_load_si512(by_turns);
    const __mmask16 mask = first_of(from.columns - column);
    for (std::int64_t pair = 0; pair < side; ++pair) {
        const std::int64_t upper = row + 2 * pair;
        const std::int64_t at = upper * from.row_stride + column;
        Twice values{sixteen(from, at, upper < from.rows ? mask : __mmask16{0}),
                     sixteen(from, at + from.row_stride, upper + 1 < from.rows ? mask : __mmask16{0})};
        for (int p = 0; p < parts; ++p)
            _mm512_store_si512(to + p * tile_words + pair * depth, _mm512_permutexvar_epi16(order, take_part(values, p + 1 < parts)));
    }
}

inline Bf16Operand transposed(const Bf16Operand& of) {
    return {of.values, of.bf16, of.columns, of.rows, of.column_stride, of.row_stride};
}

/// Asks for the rows of a tile that is laid out soon: they lie far from one another, which the processor does not foresee.
LOSSMITH_AVX512_INLINE void ask_for(const Bf16Operand& b, std::int64_t k, std::int64_t column) {
    if (b.bf16) return;
    const float* values = static_cast<const float*>(b.values) + k * b.row_stride + column;
    for (std::int64_t row = 0; row < depth; ++row) _mm_prefetch(values + row * b.row_stride, _MM_HINT_T0);
}

/// a's tile of rows `row` and columns `k`, or b's of rows `k` and columns `column`.
LOSSMITH_AVX512_INLINE void lay_out_a(const Bf16Operand& a, std::int64_t row, std::int64_t k, int parts, std::uint16_t* to) {
    if (a.column_stride == 1) return lay_out_rows(a, row, k, parts, to);
    lay_out_pairs(transposed(a), k, row, parts, to);
    for (int p = 0; p < parts; ++p) transpose_pairs(to + p * tile_words);
}
LOSSMITH_AVX512_INLINE void lay_out_b(const Bf16Operand& b, std::int64_t k, std::int64_t column, int parts, std::uint16_t* to) {
    if (b.column_stride == 1) return lay_out_pairs(b, k, column, parts, to);
    lay_out_rows(transposed(b), column, k, parts, to);
    for (int p = 0; p < parts; ++p) transpose_pairs(to + p * tile_words);
}

}  // namespace lossmith::engine::bf16
#endif
