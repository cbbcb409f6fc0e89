// Low-rank changes beside GPT-2's matrices (LoRA, Hu et al. 2021), as peft computes them on Conv1D.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/config/LoraSpec.h"
#include "core/engine/model/Gpt2Config.h"

namespace lossmith::engine {

/// What is added to a Conv1D of x: scaling * (dropout(x) A^T) B^T. Nothing where A is not defined.
struct LoraPair {
    at::Tensor a;          ///< [r, in]
    at::Tensor b;          ///< [out, r]
    double scaling = 1.0;  ///< lora_alpha / r
    double dropout = 0.0;  ///< while training
};

/// A matrix that can have a change.
struct LoraPlace {
    std::size_t layer = 0;
    std::string module;  ///< as target_modules names it: "c_attn", "c_proj", "c_fc"
    std::string name;    ///< as a checkpoint does, without ".weight": "transformer.h.0.attn.c_attn"
    std::int64_t in = 0, out = 0;
};

/// Every matrix that can have a change, in the model's order; "c_proj" are two in each layer.
[[nodiscard]] std::vector<LoraPlace> lora_places(const Gpt2Config& config);

/// Which weights an adapter was trained beside.
struct AdapterBase {
    std::string model;            ///< "starter" or a folder; empty: not known
    std::string sha256;           ///< weights_digest() of it; empty: not checked
    std::int64_t vocab_size = 0;  ///< above the model's own: it was grown to this, as grow_vocabulary() does it
    bool random_rows = false;     ///< of the grown ones
    std::uint64_t seed = 0;       ///< of the random ones

    bool operator==(const AdapterBase&) const = default;
};

struct LoraAdapter {
    LoraSpec spec;
    AdapterBase base;
    std::vector<std::pair<std::string, LoraPair>> pairs;  ///< by a place's name, in the model's order
};

/// A new adapter as peft makes one: A uniform within ±1/sqrt(in) (Kaiming with a = sqrt(5)), B zero, so that at first it changes nothing.
/// The first `untouched_layers` get none. The same seed gives the same adapter.
[[nodiscard]] LoraAdapter new_adapter(const Gpt2Config& config, const LoraSpec& spec, std::int64_t untouched_layers, std::uint64_t seed);

/// What a change adds to its matrix, [in, out].
[[nodiscard]] at::Tensor merged_change(const LoraPair& pair);

/// Under peft's names: "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight", then B, for each pair.
[[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> named_tensors(const LoraAdapter& adapter);

}  // namespace lossmith::engine
