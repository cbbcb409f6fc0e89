// What kernels for AVX-512 share. Included where there are such processors only: LOSSMITH_AVX512 says so.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && defined(__linux__)
#include <immintrin.h>

/// Of functions that run only where processor_multiplies_bf16().
#define LOSSMITH_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define LOSSMITH_AVX512_INLINE LOSSMITH_AVX512 inline __attribute__((always_inline))
#endif
