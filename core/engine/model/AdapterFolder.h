// A LoRA adapter as a folder holds it: adapter_config.json and adapter_model.safetensors as peft writes them, and beside them which
// weights they belong to.
#pragma once

#include <filesystem>

#include "core/base/Result.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/Lora.h"

namespace lossmith::engine {

/// Whether the folder holds an adapter. As in transformers, it then is one even where whole weights lie beside it.
[[nodiscard]] bool is_adapter_folder(const std::filesystem::path& folder);

/// The weights that the adapter belongs to: what base.json beside it says, else its base_model_name_or_path. Only names are looked at;
/// `model` is "starter", or a folder that exists. NotFound names what was looked for.
[[nodiscard]] Result<AdapterBase> read_adapter_base(const std::filesystem::path& folder);

/// Reads an adapter for a model of this config; its base is not read. Refused, with a sentence, is what would compute something else than
/// LoraPair says (DoRA, biases, whole modules), and tensors that are missing, not GPT-2's or of another shape. Weights become float32.
[[nodiscard]] Result<LoraAdapter> read_adapter(const std::filesystem::path& folder, const Gpt2Config& config);

/// Writes the adapter, base.json where its base is known, and what `also` adds, as write_checkpoint() does it: whole or not at all.
[[nodiscard]] Status write_adapter(const std::filesystem::path& folder, const LoraAdapter& adapter, const AlsoWrite& also = {});

}  // namespace lossmith::engine
