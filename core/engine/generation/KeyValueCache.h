// One-token steps for many texts at once, each with a past of its own length.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/Result.h"
#include "core/engine/generation/DeviceAttention.h"
#include "core/engine/generation/StepProducts.h"
#include "core/engine/model/Gpt2.h"
#include "core/engine/model/StepWeights.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// Keys and values of every layer for a set of texts. No padding is ever attended: each text has its own length.
/// It lies where the model does; the logits it gives lie in this machine's memory, where the next tokens are chosen.
/// Memory: 2 · layers · texts · capacity · n_embd floats.
class KeyValueCache {
public:
    /// `texts`: the most there will be at once. `capacity`: the most tokens any of them will have, at most n_positions.
    /// The weights must outlive it.
    KeyValueCache(const StepWeights& weights, std::int64_t texts, std::int64_t capacity);

    /// Reads whole prompts into the still empty cache. Gives the last position's logits, [texts, vocab_size].
    [[nodiscard]] at::Tensor read_prompts(std::span<const std::vector<TokenId>> prompts);

    /// Appends one token to each text. Gives the next logits, [texts, vocab_size]. Every text must have room.
    [[nodiscard]] at::Tensor step(std::span<const TokenId> tokens);

    /// Keeps these texts, in this order; an index may occur more than once (beams) or not at all (finished). Nothing is copied but what
    /// occurs more than once; the room of the finished is not given back.
    void keep(std::span<const std::int64_t> texts);

    [[nodiscard]] std::int64_t length(std::size_t text) const { return m_lengths[text]; }

private:
    [[nodiscard]] at::Tensor read_group(std::span<const std::vector<TokenId>> prompts, std::span<const std::size_t> group,
                                        std::int64_t first_slot);
    [[nodiscard]] at::Tensor read_group_laid_out(const at::Tensor& ids, const std::vector<std::int64_t>& last, std::int64_t first_slot);
    void attend(std::int64_t texts, std::size_t layer);
    [[nodiscard]] at::Tensor step_on_device(std::span<const TokenId> tokens);
    [[nodiscard]] bool on_host() const { return m_model.device().is_cpu(); }
    [[nodiscard]] bool in_bf16() const { return m_weights.precision() != Precision::Fp32; }
    [[nodiscard]] at::Tensor logits_of(const at::Tensor& states);

    const StepWeights& m_weights;
    const Gpt2& m_model;
    std::int64_t m_capacity;
    std::vector<std::int64_t> m_lengths;       // of each text
    std::vector<std::int64_t> m_slots;         // where each text lies
    std::vector<at::Tensor> m_keys, m_values;  // per layer [slots, heads, capacity, head width]
    StepProducts m_products;
    std::vector<float> m_states, m_qkv, m_mixed, m_inner;  // of the texts' newest tokens
};

}  // namespace lossmith::engine
