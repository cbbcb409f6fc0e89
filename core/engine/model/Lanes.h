// Vectors of sixteen numbers, as wide as the widest processor's: GCC makes two or four of one where they are narrower. For RowProducts.cpp
// and FloatProducts.cpp alone.
#pragma once

#include <cstdint>
#include <cstring>

#define LOSSMITH_INLINE inline __attribute__((always_inline))

namespace lossmith::engine {

inline constexpr std::int64_t lanes = 16;
inline constexpr std::int64_t rows_at_once = 4;  ///< of a product, whose sums fit the registers of any processor

using Floats = float __attribute__((vector_size(64)));
using Words = std::uint32_t __attribute__((vector_size(64)));
static_assert(sizeof(Floats) == lanes * sizeof(float));

LOSSMITH_INLINE void load(Floats& to, const float* from) {
    std::memcpy(&to, from, sizeof to);
}
LOSSMITH_INLINE void load(Words& to, const void* from) {
    std::memcpy(&to, from, sizeof to);
}
LOSSMITH_INLINE void store(float* to, const Floats& from) {
    std::memcpy(to, &from, sizeof from);
}

}  // namespace lossmith::engine
