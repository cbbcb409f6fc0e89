// A model's weights as one-token steps read them: once per step, in as few bytes as the precision takes.
#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>
#include <vector>

#include "core/engine/model/Gpt2.h"
#include "core/engine/model/RowProducts.h"

namespace lossmith::engine {

/// Of the matrices in generation; everything else (norms, attention, sums) is computed in fp32.
enum class Precision : std::uint8_t {
    Fp32,  ///< the checkpoint's own tensors, read where they lie
    Bf16,  ///< weights and inputs rounded to bfloat16 (half the bytes), products summed in fp32
    Int8,  ///< a scale for each output channel, inputs in int8 with a scale for each 32 of a row (a quarter of the bytes)
};

/// By SamplingConfig::precision's names; fp32 for what is none.
[[nodiscard]] Precision precision_named(std::string_view name);

/// Rows of inputs, ready for a product with a matrix of some precision.
class StepRows {
public:
    StepRows(Precision precision, std::int64_t most_rows, std::int64_t most_inputs);
    void begin(std::int64_t inputs);                  ///< rows of so many inputs follow
    void set(std::int64_t row, const float* values);  ///< threads may set different rows at once
    [[nodiscard]] FloatRows floats(std::int64_t rows) const;
    [[nodiscard]] const RoundedRows& rounded() const { return m_rounded; }
    [[nodiscard]] const QuantizedRows& quantized() const { return m_quantized; }

private:
    Precision m_precision;
    std::int64_t m_inputs = 0;
    std::vector<float> m_values, m_scales;
    std::vector<std::int8_t> m_bytes;
    std::vector<std::int32_t> m_offsets;
    std::vector<std::uint16_t> m_bits;
    std::int64_t m_stride = 0;
    RoundedRows m_rounded;
    QuantizedRows m_quantized;
};

/// One of the matrices. Its output channels come in panels, which threads share among them.
class StepMatrix {
public:
    /// `weight` is [in, out], or [out, in] where `transposed`; in fp32 it is kept, else copied. `bias` may be undefined. What `lora` adds
    /// is in fp32 computed beside the weight, else merged into the copy.
    StepMatrix(const at::Tensor& weight, bool transposed, const at::Tensor& bias, Precision precision, const LoraPair& lora = {});

    [[nodiscard]] std::int64_t inputs() const { return m_plain.in; }
    [[nodiscard]] std::int64_t outputs() const { return m_plain.out; }
    [[nodiscard]] std::int64_t panels() const { return panels_of(m_plain.out); }

    /// out[row * outputs() + c] for the panels' channels, bias added.
    void multiply(const StepRows& x, std::int64_t rows, std::int64_t first_panel, std::int64_t last_panel, float* out) const;

    /// fp32 only: all channels in one product, for more rows than `multiply` is made for. Not to be called from one of several threads.
    void multiply_whole(const StepRows& x, std::int64_t rows, float* out) const;

private:
    void add_change(const FloatRows& x, std::int64_t begin, std::int64_t end, float* out) const;

    Precision m_precision;
    at::Tensor m_weight, m_bias;
    at::Tensor m_change_a, m_change_b;  // [r, in] and, scaled, [r, out]; undefined: none to compute
    bool m_transposed;
    PlainMatrix m_plain;
    at::Tensor m_panels;  // bytes
    std::vector<float> m_scales;
};

struct StepBlock {
    StepMatrix c_attn, attn_c_proj, c_fc, mlp_c_proj;
};

/// All matrices of a model. In fp32 nothing is copied; the tensors must stay unchanged. On a graphics card nothing is laid out: the model's
/// own tensors are multiplied there, in bfloat16 where a lower precision than fp32 is asked for.
class StepWeights {
public:
    StepWeights(const Gpt2& model, Precision precision);

    [[nodiscard]] const Gpt2& model() const { return m_model; }
    [[nodiscard]] Precision precision() const { return m_precision; }
    [[nodiscard]] const std::vector<StepBlock>& blocks() const { return m_blocks; }
    [[nodiscard]] const StepMatrix& head() const { return m_head; }
    [[nodiscard]] std::int64_t widest() const;  ///< inputs of any of them

private:
    Gpt2 m_model;
    Precision m_precision;
    std::vector<StepBlock> m_blocks;
    StepMatrix m_head;
};

}  // namespace lossmith::engine
