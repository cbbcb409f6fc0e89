// What this machine's processor can do. No Torch here.
#pragma once

namespace lossmith::engine {

/// Whether it has vectors of sixteen floats (AVX-512 with its F, BW, VL and DQ parts).
[[nodiscard]] bool processor_has_avx512();

/// Whether it has instructions for products of bfloat16 numbers. Without them LibTorch multiplies bfloat16 one number at a time, tens of
/// times slower than fp32.
[[nodiscard]] bool processor_multiplies_bf16();

/// Whether it has tiles (Intel's AMX), and the system lets this process use them. Such a processor multiplies bfloat16.
[[nodiscard]] bool processor_multiplies_tiles();

}  // namespace lossmith::engine
