#include "core/engine/model/StepWeights.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>

#include <algorithm>

#include "core/engine/devices/Parallel.h"
#include "core/engine/devices/Processor.h"
#include "core/engine/model/Product.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t few_rows = 8;  ///< of a product in fp32: with more it pays to copy each panel

std::size_t panel_bytes(Precision precision, std::int64_t in) {
    const auto weights = static_cast<std::size_t>(padded_inputs(in) * panel_width);
    return precision == Precision::Bf16 ? weights * sizeof(std::uint16_t) : weights;
}

/// A matrix with what an adapter adds to it.
at::Tensor changed(const at::Tensor& weight, const LoraPair& lora) {
    if (!lora.a.defined()) return weight;
    return weight + merged_change(lora);
}

Precision laid_out_as(const Gpt2& model, Precision wanted) {
    return model.device().is_cpu() ? wanted : Precision::Fp32;
}

}  // namespace

Precision precision_named(std::string_view name) {
    if (name == "bf16") return Precision::Bf16;
    if (name == "int8") return Precision::Int8;
    return Precision::Fp32;
}

StepRows::StepRows(Precision precision, std::int64_t most_rows, std::int64_t most_inputs) : m_precision(precision) {
    const std::int64_t rows = (most_rows + row_block - 1) / row_block * row_block;
    const auto inputs = static_cast<std::size_t>(rows * padded_inputs(most_inputs));
    m_values.resize(inputs);
    if (precision == Precision::Bf16) m_bits.resize(inputs);
    if (precision != Precision::Int8) return;
    m_bytes.resize(inputs);
    m_scales.resize(inputs / quantization_block);
    m_offsets.resize(inputs / quantization_block);
}

void StepRows::begin(std::int64_t inputs) {
    m_inputs = inputs;
    m_stride = padded_inputs(inputs);
    m_rounded = {m_values.data(), m_bits.data(), m_stride};
    m_quantized = {m_bytes.data(), m_values.data(), m_scales.data(), m_offsets.data(), m_stride};
}

void StepRows::set(std::int64_t row, const float* values) {
    if (m_precision == Precision::Int8)
        quantize_row(values, m_inputs, m_quantized, row);
    else if (m_precision == Precision::Bf16)
        round_row(values, m_inputs, m_rounded, row);
    else
        std::copy(values, values + m_inputs, m_values.data() + row * m_stride);
}

FloatRows StepRows::floats(std::int64_t rows) const {
    return {m_values.data(), m_stride, rows};
}

StepMatrix::StepMatrix(const at::Tensor& weight, bool transposed, const at::Tensor& bias, Precision precision, const LoraPair& lora)
    : m_precision(precision), m_bias(bias.defined() ? bias.detach().contiguous() : at::Tensor()), m_transposed(transposed) {
    const at::NoGradGuard no_graph;
    const bool beside = precision == Precision::Fp32 && lora.a.defined();
    if (beside) {
        m_change_a = lora.a.detach().contiguous();
        m_change_b = (lora.b.detach() * lora.scaling).t().contiguous();
    }
    const at::Tensor plain = (beside ? weight : changed(weight, lora)).detach().contiguous();
    const auto width = plain.size(1);
    m_plain = transposed ? PlainMatrix{plain.data_ptr<float>(), width, plain.size(0), 1, width}
                         : PlainMatrix{plain.data_ptr<float>(), plain.size(0), width, width, 1};
    if (precision == Precision::Fp32) {
        m_weight = plain;
        return;
    }
    const std::size_t bytes = panel_bytes(precision, m_plain.in);
    m_panels = at::empty({panels() * static_cast<std::int64_t>(bytes)}, at::kByte);
    auto* laid_out = reinterpret_cast<std::byte*>(m_panels.data_ptr<std::uint8_t>());
    if (precision == Precision::Int8) m_scales.resize(static_cast<std::size_t>(panels() * panel_width));
    parallel_for(0, panels(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t panel = begin; panel < end; ++panel) {
            std::byte* to = laid_out + static_cast<std::size_t>(panel) * bytes;
            if (precision == Precision::Bf16)
                lay_out_bf16(m_plain, panel, reinterpret_cast<std::uint16_t*>(to));
            else
                lay_out_int8(m_plain, panel, reinterpret_cast<std::uint8_t*>(to), m_scales.data() + panel * panel_width);
        }
    });
    m_plain.values = nullptr;
}

void StepMatrix::multiply(const StepRows& x, std::int64_t rows, std::int64_t first_panel, std::int64_t last_panel, float* out) const {
    const float* bias = m_bias.defined() ? m_bias.data_ptr<float>() : nullptr;
    const PanelRange range{m_plain.in, m_plain.out, first_panel, last_panel, bias};
    if (m_precision == Precision::Bf16) {
        multiply_bf16(x.rounded(), rows, reinterpret_cast<const std::uint16_t*>(m_panels.data_ptr<std::uint8_t>()), range, out, outputs());
    } else if (m_precision == Precision::Int8) {
        multiply_int8(x.quantized(), rows, m_panels.data_ptr<std::uint8_t>(), m_scales.data(), range, out, outputs());
    } else {
        const std::int64_t end = std::min(last_panel * panel_width, outputs());
        if (rows > few_rows && processor_has_avx512())
            multiply_panels(x.floats(rows), m_plain, range, out, outputs());
        else
            (m_transposed ? multiply_transposed : multiply_columns)(x.floats(rows), m_plain, bias, first_panel * panel_width, end, out,
                                                                    outputs());
        add_change(x.floats(rows), first_panel * panel_width, end, out);
    }
}

/// Of the channels begin <= c < end. The low-rank part is small enough for each thread to compute it for itself.
void StepMatrix::add_change(const FloatRows& x, std::int64_t begin, std::int64_t end, float* out) const {
    if (!m_change_a.defined()) return;
    const std::int64_t rank = m_change_a.size(0);
    const std::int64_t channels = end - begin;
    std::vector<float> low(static_cast<std::size_t>(x.rows * rank));
    std::vector<float> change(static_cast<std::size_t>(x.rows * channels));
    const PlainMatrix a{m_change_a.data_ptr<float>(), m_plain.in, rank, 1, m_plain.in};
    const PlainMatrix b{m_change_b.data_ptr<float>() + begin, rank, channels, outputs(), 1};
    multiply_transposed(x, a, nullptr, 0, rank, low.data(), rank);
    multiply_columns({low.data(), rank, x.rows}, b, nullptr, 0, channels, change.data(), channels);
    for (std::int64_t row = 0; row < x.rows; ++row)
        for (std::int64_t c = 0; c < channels; ++c) out[row * outputs() + begin + c] += change[row * channels + c];
}

void StepMatrix::multiply_whole(const StepRows& x, std::int64_t rows, float* out) const {
    const FloatRows from = x.floats(rows);
    const at::Tensor inputs = at::from_blob(const_cast<float*>(from.values), {rows, m_plain.in}, {from.stride, 1}, at::kFloat);
    at::Tensor result = at::from_blob(out, {rows, outputs()}, at::kFloat);
    if (m_bias.defined()) result.copy_(m_bias.expand_as(result));
    (m_bias.defined() ? add_product : put_product)(result, inputs, m_transposed ? m_weight.t() : m_weight, false);
    if (m_change_a.defined()) result.addmm_(at::mm(inputs, m_change_a.t()), m_change_b);
}

StepWeights::StepWeights(const Gpt2& model, Precision precision)
    : m_model(model), m_precision(precision), m_head(model.head(), true, {}, laid_out_as(model, precision)) {
    if (!model.device().is_cpu()) return;
    for (const Gpt2Block& block : model.blocks())
        m_blocks.push_back({StepMatrix(block.c_attn_weight, false, block.c_attn_bias, precision, block.c_attn_lora),
                            StepMatrix(block.attn_c_proj_weight, false, block.attn_c_proj_bias, precision, block.attn_c_proj_lora),
                            StepMatrix(block.c_fc_weight, false, block.c_fc_bias, precision, block.c_fc_lora),
                            StepMatrix(block.mlp_c_proj_weight, false, block.mlp_c_proj_bias, precision, block.mlp_c_proj_lora)});
}

std::int64_t StepWeights::widest() const {
    std::int64_t width = m_head.inputs();
    for (const StepBlock& block : m_blocks) width = std::max(width, block.mlp_c_proj.inputs());
    return width;
}

}  // namespace lossmith::engine
