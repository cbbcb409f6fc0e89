// What kernels for a processor's tiles (Intel's AMX) share. Included where there are such processors only: LOSSMITH_TILES says so.
#pragma once

#include "core/engine/model/Avx512.h"

#ifdef LOSSMITH_AVX512
#include <cstdint>

/// Of functions that run only where processor_multiplies_tiles().
#define LOSSMITH_TILES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")))
#define LOSSMITH_TILES_INLINE LOSSMITH_TILES inline __attribute__((always_inline))

namespace lossmith::engine {

/// The shapes of the processor's eight tiles, as its instruction reads them: sixteen rows of 64 bytes.
struct alignas(64) TileShapes {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileShapes) == 64);

/// To be followed by _tile_release() on the same thread.
LOSSMITH_TILES_INLINE void set_up_tiles() {
    const TileShapes shapes;
    asm volatile("" : : "r"(&shapes) : "memory");  // GCC takes the instruction to read eight bytes of them
    _tile_loadconfig(&shapes);
}

}  // namespace lossmith::engine
#endif
