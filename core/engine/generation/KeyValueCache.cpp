#include "core/engine/generation/KeyValueCache.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/Activation.h"
#include "core/engine/model/Attention.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t tokens_at_once = 2048;  ///< of prompts, padding counted

}  // namespace

KeyValueCache::KeyValueCache(const StepWeights& weights, std::int64_t texts, std::int64_t capacity)
    : m_weights(weights),
      m_model(weights.model()),
      m_capacity(capacity),
      m_lengths(static_cast<std::size_t>(texts), 0),
      m_slots(static_cast<std::size_t>(texts), 0),
      m_products(weights, texts),
      m_states(static_cast<std::size_t>(texts * m_model.config().n_embd)),
      m_qkv(3 * m_states.size()),
      m_mixed(m_states.size()),
      m_inner(static_cast<std::size_t>(texts * weights.inner_width())) {
    const auto& config = m_model.config();
    for (std::int64_t layer = 0; layer < config.n_layer; ++layer) {
        const auto options = at::TensorOptions(at::kFloat).device(m_model.device());
        m_keys.push_back(at::empty({texts, config.n_head, capacity, config.head_size()}, options));
        m_values.push_back(at::empty({texts, config.n_head, capacity, config.head_size()}, options));
    }
}

/// The last states of some prompts, by one pass over them side by side; their keys and values go into neighbouring slots.
at::Tensor KeyValueCache::read_group(std::span<const std::vector<TokenId>> prompts, std::span<const std::size_t> group,
                                     std::int64_t first_slot) {
    const auto rows = static_cast<std::int64_t>(group.size());
    const auto tokens = static_cast<std::int64_t>(prompts[group.front()].size());  // the longest comes first
    at::Tensor ids = at::zeros({rows, tokens}, at::kLong);
    std::vector<std::int64_t> last;
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto& prompt = prompts[group[static_cast<std::size_t>(row)]];
        std::copy(prompt.begin(), prompt.end(), ids.data_ptr<std::int64_t>() + row * tokens);
        last.push_back(row * tokens + static_cast<std::int64_t>(prompt.size()) - 1);
    }
    if (on_host() && m_weights.precision() != Precision::Fp32) return read_group_laid_out(ids, last, first_slot);
    std::vector<at::Tensor> keys_values;
    ForwardOptions options;
    options.keys_values = &keys_values;
    options.positions = at::tensor(last, at::kLong);
    at::Tensor states = m_model.hidden(ids, options);
    for (std::size_t layer = 0; layer < keys_values.size(); ++layer) {
        m_keys[layer].slice(0, first_slot, first_slot + rows).slice(2, 0, tokens).copy_(keys_values[layer][0]);
        m_values[layer].slice(0, first_slot, first_slot + rows).slice(2, 0, tokens).copy_(keys_values[layer][1]);
    }
    return states;
}

/// The same pass with the weights as they are laid out. Of the last block, only the states at `last` are computed beyond attention.
at::Tensor KeyValueCache::read_group_laid_out(const at::Tensor& ids, const std::vector<std::int64_t>& last, std::int64_t first_slot) {
    const auto& config = m_model.config();
    const std::int64_t rows = ids.size(0);
    const std::int64_t tokens = ids.size(1);
    const std::int64_t width = config.n_embd;
    StepProducts products(m_weights, rows * tokens);
    at::Tensor x = (m_model.token_embedding().index_select(0, ids.view(-1)).view({rows, tokens, width}) +
                    m_model.position_embedding().slice(0, 0, tokens))
                       .view({rows * tokens, width});
    const at::Tensor qkv = at::empty({rows, tokens, 3 * width}, at::kFloat);
    const at::Tensor parts = qkv.view({rows, tokens, 3, config.n_head, config.head_size()}).permute({2, 0, 3, 1, 4});
    const at::Tensor inner = at::empty({rows * tokens, m_weights.inner_width()}, at::kFloat);
    for (std::size_t layer = 0; layer < m_weights.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const StepBlock& matrices = m_weights.blocks()[layer];
        products.run(matrices.c_attn, x.data_ptr<float>(), rows * tokens, {.norm = StepNorm(block.ln_1_weight, block.ln_1_bias)},
                     qkv.data_ptr<float>());
        m_keys[layer].slice(0, first_slot, first_slot + rows).slice(2, 0, tokens).copy_(parts[1]);
        m_values[layer].slice(0, first_slot, first_slot + rows).slice(2, 0, tokens).copy_(parts[2]);
        at::Tensor mixed = causal_attention(qkv, {config.n_head, config.attention_scale(layer), 0.0, {}}).view({rows * tokens, width});
        if (layer + 1 == m_weights.blocks().size()) {
            const at::Tensor wanted = at::tensor(last, at::kLong);
            mixed = mixed.index_select(0, wanted);
            x = x.index_select(0, wanted);
        }
        products.run(matrices.attn_c_proj, mixed.data_ptr<float>(), x.size(0), {.add_to = true}, x.data_ptr<float>());
        products.run(matrices.c_fc, x.data_ptr<float>(), x.size(0),
                     {.norm = StepNorm(block.ln_2_weight, block.ln_2_bias), .activate = true}, inner.data_ptr<float>());
        products.run(matrices.mlp_c_proj, inner.data_ptr<float>(), x.size(0), {.add_to = true}, x.data_ptr<float>());
    }
    return at::layer_norm(x, {width}, m_model.final_norm_weight(), m_model.final_norm_bias(), config.layer_norm_epsilon);
}

at::Tensor KeyValueCache::read_prompts(std::span<const std::vector<TokenId>> prompts) {
    const at::NoGradGuard no_graph;
    m_lengths.assign(prompts.size(), 0);
    m_slots.assign(prompts.size(), 0);
    // Prompts of like length are read together, so that few tokens are padding.
    std::vector<std::size_t> order(prompts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return prompts[a].size() > prompts[b].size(); });
    std::vector<at::Tensor> states;
    for (std::size_t first = 0; first < order.size();) {
        const std::size_t most = std::max<std::size_t>(1, tokens_at_once / std::max<std::size_t>(1, prompts[order[first]].size()));
        const std::size_t count = std::min(most, order.size() - first);
        states.push_back(read_group(prompts, std::span(order).subspan(first, count), static_cast<std::int64_t>(first)));
        first += count;
    }
    for (std::size_t slot = 0; slot < order.size(); ++slot) {
        m_slots[order[slot]] = static_cast<std::int64_t>(slot);
        m_lengths[order[slot]] = static_cast<std::int64_t>(prompts[order[slot]].size());
    }
    const at::Tensor in_order = at::cat(states).index_select(0, at::tensor(m_slots, at::kLong).to(m_model.device()));
    return on_host() ? logits_of(in_order) : m_model.logits(in_order, in_bf16()).cpu();
}

/// Puts the new tokens' keys and values into the cache and lets their queries see it.
void KeyValueCache::attend(std::int64_t texts, std::size_t layer) {
    const auto& config = m_model.config();
    const std::int64_t width = config.n_embd;
    const std::int64_t heads = config.n_head;
    const std::int64_t size = config.head_size();
    const auto scale = static_cast<float>(config.attention_scale(layer));
    float* keys = m_keys[layer].data_ptr<float>();
    float* values = m_values[layer].data_ptr<float>();
    parallel_for(0, texts * heads, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> weights(static_cast<std::size_t>(m_capacity));
        for (std::int64_t at = begin; at < end; ++at) {
            const std::int64_t text = at / heads;
            const std::int64_t head = at % heads;
            const std::int64_t past = m_lengths[static_cast<std::size_t>(text)];
            const float* query = m_qkv.data() + text * 3 * width + head * size;
            const std::int64_t place = (m_slots[static_cast<std::size_t>(text)] * heads + head) * m_capacity * size;
            std::copy(query + width, query + width + size, keys + place + past * size);
            std::copy(query + 2 * width, query + 2 * width + size, values + place + past * size);
            attend_row(query, keys + place, values + place, static_cast<std::size_t>(past + 1), static_cast<std::size_t>(size), scale,
                       weights.data(), m_mixed.data() + text * width + head * size);
        }
    });
}

/// states [texts, n_embd] after the final norm -> [texts, vocab_size]
at::Tensor KeyValueCache::logits_of(const at::Tensor& states) {
    const at::Tensor from = states.contiguous();
    at::Tensor logits = at::empty({from.size(0), m_model.config().vocab_size}, at::kFloat);
    m_products.run(m_weights.head(), from.data_ptr<float>(), from.size(0), {}, logits.data_ptr<float>());
    return logits;
}

at::Tensor KeyValueCache::step_on_device(std::span<const TokenId> tokens) {
    const auto& config = m_model.config();
    const bool bf16 = in_bf16();
    at::Tensor ids = at::empty({static_cast<std::int64_t>(tokens.size())}, at::kLong);
    std::copy(tokens.begin(), tokens.end(), ids.data_ptr<std::int64_t>());
    const at::Tensor lengths = at::tensor(m_lengths, at::kLong).to(m_model.device());
    const CachePlaces places = CachePlaces::of(m_slots, m_lengths, m_model.device());
    at::Tensor x =
        m_model.token_embedding().index_select(0, ids.to(m_model.device())) + m_model.position_embedding().index_select(0, lengths);
    for (std::size_t layer = 0; layer < m_model.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const at::Tensor normed = at::layer_norm(x, {config.n_embd}, block.ln_1_weight, block.ln_1_bias, config.layer_norm_epsilon);
        const at::Tensor mixed = attend_on_device(conv1d(normed, block.c_attn_weight, block.c_attn_bias, bf16), m_keys[layer],
                                                  m_values[layer], places, config.attention_scale(layer));
        x.add_(conv1d(mixed, block.attn_c_proj_weight, block.attn_c_proj_bias, bf16));
        const at::Tensor normed_again = at::layer_norm(x, {config.n_embd}, block.ln_2_weight, block.ln_2_bias, config.layer_norm_epsilon);
        const at::Tensor inner = activate(conv1d(normed_again, block.c_fc_weight, block.c_fc_bias, bf16), config.activation_function);
        x.add_(conv1d(inner, block.mlp_c_proj_weight, block.mlp_c_proj_bias, bf16));
    }
    for (std::int64_t& length : m_lengths) ++length;
    x = at::layer_norm(x, {config.n_embd}, m_model.final_norm_weight(), m_model.final_norm_bias(), config.layer_norm_epsilon);
    return m_model.logits(x, bf16).cpu();
}

at::Tensor KeyValueCache::step(std::span<const TokenId> tokens) {
    const at::NoGradGuard no_graph;
    if (!on_host()) return step_on_device(tokens);
    const auto& config = m_model.config();
    const auto texts = static_cast<std::int64_t>(tokens.size());
    const std::int64_t width = config.n_embd;
    const float* of_token = m_model.token_embedding().data_ptr<float>();
    const float* of_place = m_model.position_embedding().data_ptr<float>();
    float* states = m_states.data();
    for (std::int64_t text = 0; text < texts; ++text) {
        const float* token = of_token + tokens[static_cast<std::size_t>(text)] * width;
        const float* place = of_place + m_lengths[static_cast<std::size_t>(text)] * width;
        for (std::int64_t i = 0; i < width; ++i) states[text * width + i] = token[i] + place[i];
    }
    for (std::size_t layer = 0; layer < m_weights.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const StepBlock& matrices = m_weights.blocks()[layer];
        m_products.run(matrices.c_attn, states, texts, {.norm = StepNorm(block.ln_1_weight, block.ln_1_bias)}, m_qkv.data());
        attend(texts, layer);
        m_products.run(matrices.attn_c_proj, m_mixed.data(), texts, {.add_to = true}, states);
        m_products.run(matrices.c_fc, states, texts, {.norm = StepNorm(block.ln_2_weight, block.ln_2_bias), .activate = true},
                       m_inner.data());
        m_products.run(matrices.mlp_c_proj, m_inner.data(), texts, {.add_to = true}, states);
    }
    for (std::int64_t& length : m_lengths) ++length;
    at::Tensor logits = at::empty({texts, config.vocab_size}, at::kFloat);
    m_products.run(m_weights.head(), states, texts, {.norm = StepNorm(m_model.final_norm_weight(), m_model.final_norm_bias())},
                   logits.data_ptr<float>());
    return logits;
}

void KeyValueCache::keep(std::span<const std::int64_t> texts) {
    std::vector<std::int64_t> lengths;
    std::vector<std::int64_t> slots;
    for (const std::int64_t text : texts) {
        lengths.push_back(m_lengths[static_cast<std::size_t>(text)]);
        slots.push_back(m_slots[static_cast<std::size_t>(text)]);
    }
    m_lengths = std::move(lengths);
    m_slots = std::move(slots);
    if (std::set<std::int64_t>(m_slots.begin(), m_slots.end()).size() == m_slots.size()) return;
    const at::Tensor order = at::tensor(m_slots, at::kLong).to(m_model.device());
    for (auto* tensors : {&m_keys, &m_values})
        for (at::Tensor& tensor : *tensors) tensor = tensor.index_select(0, order);
    std::iota(m_slots.begin(), m_slots.end(), std::int64_t{0});
}

}  // namespace lossmith::engine
