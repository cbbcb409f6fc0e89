// What kernels for AVX-512 share. Included where there are such processors only: LOSSMITH_AVX512 says so.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && defined(__linux__)
#include <immintrin.h>

/// Of functions that run only where processor_has_avx512().
#define LOSSMITH_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define LOSSMITH_AVX512_INLINE LOSSMITH_AVX512 inline __attribute__((always_inline))

/// Of functions that run only where processor_multiplies_bf16().
#define LOSSMITH_AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define LOSSMITH_AVX512_BF16_INLINE LOSSMITH_AVX512_BF16 inline __attribute__((always_inline))

namespace lossmith::engine {

/// Sixteen rows of sixteen 32-bit words, rows and columns changed over.
LOSSMITH_AVX512_INLINE void transpose(__m512i (&row)[16]) {
    __m512i next[16];
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
        next[0 + c] = _mm512_shuffle_i32x4(low01, low23, 0x88);
        next[4 + c] = _mm512_shuffle_i32x4(high01, high23, 0x88);
        next[8 + c] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
        next[12 + c] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
    }
    for (int i = 0; i < 16; ++i) row[i] = next[i];
}

}  // namespace lossmith::engine
#endif
