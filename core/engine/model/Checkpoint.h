// A GPT-2 as a Hugging Face folder holds it: config.json, generation_config.json and the weights; read, written, made anew, grown.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/model/Gpt2Config.h"

namespace lossmith::engine {

struct Checkpoint {
    Gpt2Config config;

    /// By the names of transformers' GPT2LMHeadModel.state_dict(), float32, in host memory: "transformer.wte.weight"
    /// [vocabulary, embedding], "transformer.h.0.attn.c_attn.weight" [in, out], …; "lm_head.weight" only when untied.
    std::map<std::string, at::Tensor> tensors;

    Json generation_config = Json::object();  ///< empty: made from the config's token ids when written
    std::string dtype_on_disk = "float32";    ///< of most weights where it was read from: float32, float16, bfloat16, float64
    std::vector<std::string> unused;          ///< names in the files that a GPT-2 has no place for
};

/// Every tensor that a model of this config must have, with its shape, in the model's order.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<std::int64_t>>> expected_tensors(const Gpt2Config& config);

/// Reads model.safetensors, model.safetensors.index.json with its shards, pytorch_model.bin, or pytorch_model.bin.index.json
/// (the first that is there). Weights become float32; names may lack "transformer."; the causal masks that old versions stored
/// are dropped; so is an lm_head that equals a tied wte. A tensor that is missing or of another shape is an error that names it.
[[nodiscard]] Result<Checkpoint> read_checkpoint(const std::filesystem::path& folder);

enum class StoredType { Float32, Float16, BFloat16 };
[[nodiscard]] const char* name_of(StoredType type);  ///< "float32", "float16", "bfloat16", as in config.json

/// Writes into a folder being made; gets that folder's path.
using AlsoWrite = std::function<Status(const std::filesystem::path& part)>;

/// Lets `content` write into "FOLDER.part", flushes it and puts it in FOLDER's place in one rename: whenever the machine stops, FOLDER is
/// the old model or the new one, whole. A FOLDER that holds anything but a model is refused, so that nobody's files are lost.
[[nodiscard]] Status write_model_folder(const std::filesystem::path& folder, const AlsoWrite& content);

/// Writes config.json, generation_config.json and model.safetensors, and what `also` adds (tokenizer files, optimiser state), as
/// write_model_folder() does.
[[nodiscard]] Status write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint,
                                      StoredType type = StoredType::Float32, const AlsoWrite& also = {});

/// What new rows of the vocabulary start as.
struct NewRows {
    bool random = false;     ///< normal with deviation initializer_range instead of the mean of the old rows
    std::uint64_t seed = 0;  ///< of the random ones
};

/// Gives the vocabulary `new_size` rows. New rows of wte (and of an untied head) are the mean of the old ones.
/// Random rows would be wrong: GPT-2's logits lie around -100 at every token it knows, a random row's near 0, so that the
/// new tokens would at once take all of the probability. With the mean, a new token's logit is the mean of the others', so its
/// probability is at most an average one, and the distribution over the old tokens keeps its shape.
[[nodiscard]] Status grow_vocabulary(Checkpoint& checkpoint, std::int64_t new_size, const NewRows& rows = {});

/// A new model as GPT-2 was initialised (Radford et al. 2019; transformers' _init_weights): weights normal with deviation
/// initializer_range, those into the residual stream (c_proj) divided by sqrt(2 n_layer), biases 0, layer norms 1 and 0.
/// The same seed gives the same weights.
[[nodiscard]] Result<Checkpoint> new_checkpoint(const Gpt2Config& config, std::uint64_t seed);

}  // namespace lossmith::engine
