#include "core/engine/model/Product.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include <optional>

#include "core/engine/model/Bf16Product.h"
#include "core/engine/model/Bfloat16.h"

namespace lossmith::engine {
namespace {

/// In fp32: below this, laying the operands out costs more than is gained. In bfloat16 nothing is too small: oneDNN, which LibTorch would
/// ask, makes a program for each shape and keeps it with its working room, hundreds of megabytes in all.
struct Fewest {
    std::int64_t rows, columns, terms;
};
constexpr Fewest fewest_in_fp32{32, 64, 32};
constexpr Fewest fewest_in_bf16{1, 1, 1};

std::optional<Bf16Operand> bf16_operand(const at::Tensor& x) {
    const bool bf16 = x.scalar_type() == at::kBFloat16;
    if (!x.is_cpu() || x.dim() != 2 || (!bf16 && x.scalar_type() != at::kFloat)) return std::nullopt;
    if (x.stride(0) != 1 && x.stride(1) != 1) return std::nullopt;
    return Bf16Operand{x.data_ptr(), bf16, x.size(0), x.size(1), x.stride(0), x.stride(1)};
}

bool keeps_all_bits() {
    return at::globalContext().float32MatmulPrecision() == at::Float32MatmulPrecision::HIGHEST;
}

void keep_all_bits(bool all) {
    at::globalContext().setFloat32MatmulPrecision(all ? at::Float32MatmulPrecision::HIGHEST : at::Float32MatmulPrecision::HIGH);
}

/// Whether our own kernel did it: in bfloat16 where the processor can, fp32 in parts where it has tiles.
bool multiplied_in_bf16(const at::Tensor& into, const at::Tensor& a, const at::Tensor& b, bool bf16, const float* bias, bool add) {
    const Fewest& fewest = bf16 ? fewest_in_bf16 : fewest_in_fp32;
    if (!(bf16 ? processor_multiplies_bf16() : processor_multiplies_tiles()) || a.size(0) < fewest.rows || b.size(1) < fewest.columns ||
        a.size(1) < fewest.terms)
        return false;
    if (into.dim() != 2 || into.stride(1) != 1 || !into.is_cpu() || into.scalar_type() != at::kFloat) return false;
    const auto left = bf16_operand(a);
    const auto right = bf16_operand(b);
    if (!left || !right) return false;
    multiply_in_bf16({*left, *right, bf16 ? 1 : keeps_all_bits() ? 3 : 2, bias, add, into.data_ptr<float>(), into.stride(0)});
    return true;
}

}  // namespace

MatmulPrecision::MatmulPrecision(const std::string& name, const at::Device& device) : m_was_highest(keeps_all_bits()) {
    keep_all_bits(name == "highest" || (name == "auto" && !(device.is_cpu() && processor_multiplies_tiles())));
}

MatmulPrecision::~MatmulPrecision() {
    keep_all_bits(m_was_highest);
}

at::Tensor operand(const at::Tensor& x, bool bf16) {
    return bf16 && !processor_multiplies_bf16() ? rounded(x) : x;
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b, bool bf16, const at::Tensor& bias) {
    if (a.is_cpu()) {
        at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options().dtype(at::kFloat));
        const at::Tensor added = bias.defined() ? bias.contiguous() : at::Tensor();
        if (multiplied_in_bf16(out, a, b, bf16, added.defined() ? added.data_ptr<float>() : nullptr, false)) return out;
    }
    if (bf16) return widened(at::mm(rounded(a), rounded(b)), bias);
    return bias.defined() ? at::addmm(bias, a, b) : at::mm(a, b);
}

void put_product(at::Tensor into, const at::Tensor& a, const at::Tensor& b, bool bf16) {
    if (multiplied_in_bf16(into, a, b, bf16, nullptr, false)) return;
    if (bf16)
        widen_into(into, at::mm(rounded(a), rounded(b)));
    else
        at::mm_out(into, a, b);
}

void add_product(at::Tensor into, const at::Tensor& a, const at::Tensor& b, bool bf16) {
    if (multiplied_in_bf16(into, a, b, bf16, nullptr, true)) return;
    if (bf16)
        add_widened(into, at::mm(rounded(a), rounded(b)));
    else
        into.addmm_(a, b);
}

}  // namespace lossmith::engine
