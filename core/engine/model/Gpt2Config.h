// The sizes and switches of a GPT-2, as config.json of a Hugging Face folder holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::engine {

/// Names and defaults are those of transformers' GPT2Config.
struct Gpt2Config {
    std::int64_t vocab_size = 50257;
    std::int64_t n_positions = 1024;
    std::int64_t n_embd = 768;
    std::int64_t n_layer = 12;
    std::int64_t n_head = 12;
    std::optional<std::int64_t> n_inner;           ///< width of the feed-forward part; absent: 4 * n_embd
    std::string activation_function = "gelu_new";  ///< gelu_new, gelu_pytorch_tanh (the same curve), gelu, relu
    double resid_pdrop = 0.1;
    double embd_pdrop = 0.1;
    double attn_pdrop = 0.1;
    double layer_norm_epsilon = 1e-5;
    double initializer_range = 0.02;
    bool tie_word_embeddings = true;                   ///< lm_head shares wte's weights
    bool scale_attn_weights = true;                    ///< attention scores are divided by sqrt(head size)
    bool scale_attn_by_inverse_layer_idx = false;      ///< and by (layer index + 1)
    std::optional<std::int64_t> bos_token_id = 50256;  ///< ids outside the vocabulary are read as absent
    std::optional<std::int64_t> eos_token_id = 50256;
    std::optional<std::int64_t> pad_token_id;
    Json rest = Json::object();  ///< every other key of config.json, written back as it was

    bool operator==(const Gpt2Config&) const = default;

    [[nodiscard]] std::int64_t inner_size() const { return n_inner.value_or(4 * n_embd); }
    [[nodiscard]] std::int64_t head_size() const { return n_embd / n_head; }
    /// What the scores of a layer (from 0) are multiplied by before softmax.
    [[nodiscard]] double attention_scale(std::size_t layer) const;

    /// Weights and biases, the tied head counted once. Meaningful for a valid config only.
    [[nodiscard]] std::int64_t parameter_count() const;

    /// Everything that is wrong, one Error each; empty when a model of this config can be built.
    [[nodiscard]] std::vector<Error> validate() const;
};

/// As transformers writes it: every field, sorted, absent ones as null, model_type "gpt2".
void to_json(Json& json, const Gpt2Config& config);

/// Refuses what is not a GPT-2 or cannot be computed here (an unknown activation, cross-attention, quantised weights).
[[nodiscard]] Result<Gpt2Config> gpt2_config_from_json(const Json& json);

}  // namespace lossmith::engine
