// Texts under way, each with keys and values of its own length: prompts are read into it, and one-token steps go on from them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "core/engine/generation/DeviceAttention.h"
#include "core/engine/generation/StepProducts.h"
#include "core/engine/model/StepWeights.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// Keys and values of every layer for a set of texts. Nothing is padded: what is computed is that of real tokens alone.
/// It lies where the model does; the logits it gives lie in this machine's memory, where the next tokens are chosen.
/// Memory: 2 · layers · slots · capacity · n_embd floats.
class KeyValueCache {
public:
    /// `slots`: the most texts there will be at once. `capacity`: the most tokens any of them will have, at most n_positions.
    /// The weights must outlive it.
    KeyValueCache(const StepWeights& weights, std::int64_t slots, std::int64_t capacity);

    /// Reads what prompts to come begin with, so that they are read from its end on. Before the first of them; needs a slot of its own.
    /// On a graphics card nothing is read ahead.
    void read_prefix(std::span<const TokenId> ids);

    /// Adds texts, each with a prompt of at least one token; there must be that many free slots. Gives the logits after each,
    /// [prompts, vocab_size]. Prompts that are the same are read once.
    [[nodiscard]] at::Tensor read_prompts(std::span<const std::vector<TokenId>> prompts);

    /// Appends one token to each text. Gives the next logits, [texts, vocab_size]. Every text must have room.
    [[nodiscard]] at::Tensor step(std::span<const TokenId> tokens);

    /// Keeps these texts, in this order; an index may occur more than once (beams) or not at all (finished, its slot is free again).
    void keep(std::span<const std::int64_t> texts);

    [[nodiscard]] std::size_t texts() const { return m_texts.size(); }
    [[nodiscard]] std::size_t free_slots() const { return m_free.size(); }

private:
    struct Text {
        std::int64_t slot;
        std::int64_t length;
    };
    /// Tokens that follow each other in one text.
    struct Passage {
        std::int64_t slot;
        std::int64_t past;  ///< tokens of the text before it
        std::span<const TokenId> ids;
        std::int64_t row;  ///< its first among those of the pass
    };

    [[nodiscard]] at::Tensor read_passages(std::span<Passage> passages);
    [[nodiscard]] at::Tensor pass(std::span<const Passage> passages);
    [[nodiscard]] at::Tensor step_on_device(std::span<const Passage> passages);
    [[nodiscard]] at::Tensor read_on_device(std::span<const Passage> passages);
    [[nodiscard]] bool on_host() const { return m_model.device().is_cpu(); }
    [[nodiscard]] bool in_bf16() const { return m_weights.precision() != Precision::Fp32; }
    void embed(std::span<const Passage> passages);
    void remember(const Passage& passage, std::size_t layer, std::int64_t head);
    void attend(const Passage& passage, std::size_t layer, std::int64_t head, std::vector<float>& scores);
    [[nodiscard]] at::Tensor logits_of(const at::Tensor& states);
    [[nodiscard]] std::int64_t take_slot();
    void copy_slot(std::int64_t from, std::int64_t to, std::int64_t tokens);
    [[nodiscard]] float* place(const at::Tensor& tensor, std::int64_t slot, std::int64_t head) const;

    const StepWeights& m_weights;
    const Gpt2& m_model;
    std::int64_t m_capacity;
    std::vector<Text> m_texts;
    std::vector<std::int64_t> m_free;
    std::vector<TokenId> m_prefix;
    std::int64_t m_prefix_slot = -1;
    std::vector<at::Tensor> m_keys, m_values;  // per layer [slots, heads, capacity, head width]
    StepProducts m_products;
    std::vector<float> m_states, m_qkv, m_mixed, m_inner;  // of a pass's tokens
};

}  // namespace lossmith::engine
