// Products of the large matrices of a pass, in fp32 or with operands rounded to bfloat16; the result is always fp32.
//
// Rounded operands go through a kernel of our own (Bf16Product.h) where the processor multiplies bfloat16; where it has tiles, fp32 numbers
// do too, in parts: in all 24 bits, or in 16 where LibTorch's float32_matmul_precision is "high". Elsewhere LibTorch multiplies.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace lossmith::engine {

/// "highest": fp32 products keep all 24 bits of each number. "high": 16 bits of them on a processor with tiles (bf16x3), TF32 on a graphics
/// card. "auto": high on such a processor, highest elsewhere. Holds for the process while it lives; the words and their meaning are
/// PyTorch's (torch.set_float32_matmul_precision).
class MatmulPrecision {
public:
    MatmulPrecision(const std::string& name, const at::Device& device);
    ~MatmulPrecision();
    MatmulPrecision(const MatmulPrecision&) = delete;
    MatmulPrecision& operator=(const MatmulPrecision&) = delete;

private:
    bool m_was_highest;
};

/// x as products in bfloat16 take it fastest: rounded where they do not round for themselves.
[[nodiscard]] at::Tensor operand(const at::Tensor& x, bool bf16);

/// For results that autograd need not know of.
///
/// a [m, k] times b [k, n], plus `bias` [n] where it is defined. Operands are fp32 or, with `bf16`, bfloat16; transposed views are taken as
/// they lie.
[[nodiscard]] at::Tensor product(const at::Tensor& a, const at::Tensor& b, bool bf16, const at::Tensor& bias = {});

/// into = a b and into += a b, for an fp32 `into` whose rows are contiguous.
void put_product(at::Tensor into, const at::Tensor& a, const at::Tensor& b, bool bf16);
void add_product(at::Tensor into, const at::Tensor& a, const at::Tensor& b, bool bf16);

}  // namespace lossmith::engine
