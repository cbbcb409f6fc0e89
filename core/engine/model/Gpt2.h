// GPT-2 (Radford et al. 2019) as a function of its weights: ids in, hidden states and logits out.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/Gpt2Config.h"
#include "core/engine/model/Lora.h"

namespace lossmith::engine {

/// One transformer block's weights, named as in the checkpoint; matrices are Conv1D's [in, out].
struct Gpt2Block {
    at::Tensor ln_1_weight, ln_1_bias;                                   // [n_embd]
    at::Tensor c_attn_weight, c_attn_bias;                               // [n_embd, 3 n_embd], q then k then v
    at::Tensor attn_c_proj_weight, attn_c_proj_bias;                     // [n_embd, n_embd]
    at::Tensor ln_2_weight, ln_2_bias;                                   // [n_embd]
    at::Tensor c_fc_weight, c_fc_bias;                                   // [n_embd, inner]
    at::Tensor mlp_c_proj_weight, mlp_c_proj_bias;                       // [inner, n_embd]
    LoraPair c_attn_lora, attn_c_proj_lora, c_fc_lora, mlp_c_proj_lora;  // what an adapter adds; undefined without one
};

/// What dropout needs to be the same on every replay. Without it nothing is dropped.
struct DropoutPlace {
    std::uint64_t seed = 0;
    std::int64_t step = 0;
    std::int64_t micro_batch = 0;
};

struct ForwardOptions {
    std::optional<DropoutPlace> training;  ///< present: dropout is on
    bool bf16 = false;                     ///< matrix products in bfloat16, everything else in fp32
    bool gradient_checkpointing = false;   ///< of a block only its input is kept; the backward pass computes the block again
    at::Tensor
        embeddings;        ///< present: [rows, tokens, n_embd] in the place of the ids' rows of wte; gradients reach it where it wants them
    at::Tensor positions;  ///< present: int64 [n] into rows * tokens, the only ones whose last states are wanted
    std::vector<at::Tensor>* hidden_states = nullptr;  ///< receives n_layer + 1 of [rows, tokens, n_embd], the last after ln_f
    std::vector<at::Tensor>* attentions = nullptr;     ///< receives n_layer of [rows, heads, tokens, tokens]
    std::vector<at::Tensor>* keys_values = nullptr;    ///< receives n_layer of [2, rows, heads, tokens, head width]
};

/// Tensors are shared with copies of this object, as Torch's are. Parameters are leaves that require gradients if asked to.
class Gpt2 {
public:
    /// Takes the checkpoint's tensors as they are (no copy). The checkpoint must come from read_checkpoint or new_checkpoint.
    [[nodiscard]] static Gpt2 from_checkpoint(const Checkpoint& checkpoint);

    /// The weights under their names, ready for write_checkpoint; the tensors are shared, but for those that an adapter changes, which are
    /// computed with it.
    [[nodiscard]] Checkpoint to_checkpoint() const;

    /// Puts low-rank changes beside the matrices, in the place of any before. The matrices themselves stay as they are.
    void set_adapter(LoraAdapter adapter);
    [[nodiscard]] const LoraAdapter* adapter() const { return m_adapter ? &*m_adapter : nullptr; }
    /// The same model without an adapter; shares all that the adapter left alone.
    [[nodiscard]] Gpt2 merged() const;
    /// What the adapter stands beside; shares all weights.
    [[nodiscard]] Gpt2 without_adapter() const;

    [[nodiscard]] const Gpt2Config& config() const { return m_config; }
    void set_dropout(double p);  ///< all three of the config's probabilities

    /// Where the weights lie; what hidden() is given may lie elsewhere, and what it gives lies there.
    [[nodiscard]] at::Device device() const { return m_wte.device(); }
    /// Copies the weights to a device. Before anything else holds them: gradients asked for, optimisers.
    void move_to(at::Device device);

    /// ids [rows, tokens] of int64, padding (any id) at the right -> hidden states after ln_f [rows, tokens, n_embd].
    /// Padding needs no mask: attention is causal, so no real token ever sees what stands to its right.
    /// With `positions` [n, n_embd], theirs alone, which saves the last block most of its work for all others.
    /// Tokens beyond n_positions are a fault of the caller.
    [[nodiscard]] at::Tensor hidden(const at::Tensor& ids, const ForwardOptions& options = {}) const;

    /// [..., n_embd] -> [..., vocab_size], by the tied or untied head.
    [[nodiscard]] at::Tensor logits(const at::Tensor& hidden, bool bf16 = false) const;

    [[nodiscard]] const at::Tensor& token_embedding() const { return m_wte; }     // [vocab_size, n_embd]
    [[nodiscard]] const at::Tensor& position_embedding() const { return m_wpe; }  // [n_positions, n_embd]
    [[nodiscard]] const at::Tensor& head() const { return m_lm_head; }            // [vocab_size, n_embd]; wte when tied
    [[nodiscard]] const at::Tensor& final_norm_weight() const { return m_ln_f_weight; }
    [[nodiscard]] const at::Tensor& final_norm_bias() const { return m_ln_f_bias; }
    [[nodiscard]] const std::vector<Gpt2Block>& blocks() const { return m_blocks; }

    /// Name and tensor, in the order of transformers' named_parameters(); a tied head is not repeated. Without an adapter's.
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> parameters() const;
    /// Those of them and of the adapter that require gradients.
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> trainable_parameters() const;
    void require_gradients(bool wanted);  ///< of all but an adapter's
    /// As a run trains it: with an adapter that alone, else all but the first layers and, if so wished, the embeddings of tokens and
    /// positions (and with them a tied head).
    void require_gradients_but(std::int64_t frozen_layers, bool frozen_embeddings);

private:
    Gpt2() = default;
    [[nodiscard]] at::Tensor block_output(std::size_t layer, at::Tensor x, const ForwardOptions& options) const;

    Gpt2Config m_config;
    Json m_generation_config;
    at::Tensor m_wte, m_wpe, m_lm_head, m_ln_f_weight, m_ln_f_bias;
    std::vector<Gpt2Block> m_blocks;
    std::optional<LoraAdapter> m_adapter;
};

/// x [..., in] times a Conv1D weight [in, out] plus bias; in bfloat16 when asked, the result in fp32.
[[nodiscard]] at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, bool bf16);

/// The same with what an adapter adds, without dropout.
[[nodiscard]] at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const LoraPair& lora, bool bf16);

/// The config's activation_function.
[[nodiscard]] at::Tensor activate(const at::Tensor& x, const std::string& function);

}  // namespace lossmith::engine
