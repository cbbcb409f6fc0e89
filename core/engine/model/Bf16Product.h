// Products of large matrices of bfloat16 numbers, added up in fp32: on a processor's tiles (Intel's AMX), at many times the speed of its
// vectors, or with AVX-512's own instruction for them (vdpbf16ps), at twice that of fp32. No Torch here.
//
// fp32 numbers go through them in parts: x = x0 + x1 + ..., each the bfloat16 number nearest to what is left. Two parts hold 16 bits of the
// 24; the product x0 y0 + x0 y1 + x1 y0 is then right to about 2^-16 of each term (the "bf16x3" of oneMKL, and what PyTorch calls
// float32_matmul_precision "high"). G. Henry, P. T. P. Tang, A. Heinecke: "Leveraging the bfloat16 Artificial Intelligence Datatype For
// Higher-Precision Computations", 2019, arXiv:1904.06376.
#pragma once

#include <cstdint>

#include "core/engine/devices/Processor.h"

namespace lossmith::engine {

/// Element (row, column) is values[row * row_stride + column * column_stride]; one of the strides is 1.
struct Bf16Operand {
    const void* values = nullptr;  ///< float, or bfloat16's bits
    bool bf16 = false;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t row_stride = 0;
    std::int64_t column_stride = 0;
};

struct Bf16Product {
    Bf16Operand a;                ///< [m, k]
    Bf16Operand b;                ///< [k, n]
    int parts = 1;                ///< 1: rounded to bfloat16, 2: 16 bits of each number, 3: all 24
    const float* bias = nullptr;  ///< [n], added to every row; null: none. Not together with `add`
    bool add = false;             ///< to what `out` holds
    float* out = nullptr;         ///< [m, n]
    std::int64_t out_stride = 0;  ///< from row to row
    bool with_tiles = processor_multiplies_tiles();
};

/// Of matrices that are not empty. On LibTorch's threads. What is infinite may come out as not a number. Only where
/// processor_multiplies_bf16(). What it computes does not depend on the number of threads.
void multiply_in_bf16(const Bf16Product& product);

}  // namespace lossmith::engine
