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
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t tokens_at_once = 2048;  ///< of prompts, padding counted

}  // namespace

KeyValueCache::KeyValueCache(const Gpt2& model, std::int64_t texts, std::int64_t capacity, bool bf16)
    : m_model(model),
      m_capacity(capacity),
      m_bf16(bf16),
      m_lengths(static_cast<std::size_t>(texts), 0),
      m_slots(static_cast<std::size_t>(texts), 0) {
    const auto& config = model.config();
    for (std::int64_t layer = 0; layer < config.n_layer; ++layer) {
        const auto options = at::TensorOptions(at::kFloat).device(model.device());
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
    std::vector<at::Tensor> keys_values;
    ForwardOptions options;
    options.bf16 = m_bf16;
    options.keys_values = &keys_values;
    options.positions = at::tensor(last, at::kLong);
    at::Tensor states = m_model.hidden(ids, options);
    for (std::size_t layer = 0; layer < keys_values.size(); ++layer) {
        m_keys[layer].slice(0, first_slot, first_slot + rows).slice(2, 0, tokens).copy_(keys_values[layer][0]);
        m_values[layer].slice(0, first_slot, first_slot + rows).slice(2, 0, tokens).copy_(keys_values[layer][1]);
    }
    return states;
}

at::Tensor KeyValueCache::read_prompts(std::span<const std::vector<TokenId>> prompts) {
    const at::NoGradGuard no_graph;
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
    return m_model.logits(at::cat(states).index_select(0, at::tensor(m_slots, at::kLong).to(m_model.device())), m_bf16).cpu();
}

/// qkv [texts, 3 n_embd] of the new tokens, whose keys and values are put into the cache -> [texts, n_embd].
at::Tensor KeyValueCache::attend(const at::Tensor& qkv, std::size_t layer) {
    if (!qkv.is_cpu()) return attend_on_device(qkv, m_keys[layer], m_values[layer], *m_places, m_model.config().attention_scale(layer));
    const auto& config = m_model.config();
    const std::int64_t width = config.n_embd;
    const std::int64_t heads = config.n_head;
    const std::int64_t size = config.head_size();
    const std::int64_t texts = qkv.size(0);
    const auto scale = static_cast<float>(config.attention_scale(layer));
    const at::Tensor input = qkv.contiguous();
    at::Tensor output = at::empty({texts, width}, at::kFloat);
    const float* from = input.data_ptr<float>();
    float* to = output.data_ptr<float>();
    float* keys = m_keys[layer].data_ptr<float>();
    float* values = m_values[layer].data_ptr<float>();
    parallel_for(0, texts * heads, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> weights(static_cast<std::size_t>(m_capacity));
        for (std::int64_t at = begin; at < end; ++at) {
            const std::int64_t text = at / heads;
            const std::int64_t head = at % heads;
            const std::int64_t past = m_lengths[static_cast<std::size_t>(text)];
            const float* query = from + text * 3 * width + head * size;
            const std::int64_t place = (m_slots[static_cast<std::size_t>(text)] * heads + head) * m_capacity * size;
            std::copy(query + width, query + width + size, keys + place + past * size);
            std::copy(query + 2 * width, query + 2 * width + size, values + place + past * size);
            attend_row(query, keys + place, values + place, static_cast<std::size_t>(past + 1), static_cast<std::size_t>(size), scale,
                       weights.data(), to + text * width + head * size);
        }
    });
    return output;
}

at::Tensor KeyValueCache::step(std::span<const TokenId> tokens) {
    const at::NoGradGuard no_graph;
    const auto& config = m_model.config();
    const auto texts = static_cast<std::int64_t>(tokens.size());
    at::Tensor ids = at::empty({texts}, at::kLong);
    std::copy(tokens.begin(), tokens.end(), ids.data_ptr<std::int64_t>());
    const at::Tensor places = at::tensor(m_lengths, at::kLong).to(m_model.device());
    if (!m_model.device().is_cpu()) m_places = CachePlaces::of(m_slots, m_lengths, m_model.device());
    at::Tensor x =
        m_model.token_embedding().index_select(0, ids.to(m_model.device())) + m_model.position_embedding().index_select(0, places);
    for (std::size_t layer = 0; layer < m_model.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const at::Tensor normed = at::layer_norm(x, {config.n_embd}, block.ln_1_weight, block.ln_1_bias, config.layer_norm_epsilon);
        const at::Tensor mixed = attend(conv1d(normed, block.c_attn_weight, block.c_attn_bias, m_bf16), layer);
        x.add_(conv1d(mixed, block.attn_c_proj_weight, block.attn_c_proj_bias, m_bf16));
        const at::Tensor normed_again = at::layer_norm(x, {config.n_embd}, block.ln_2_weight, block.ln_2_bias, config.layer_norm_epsilon);
        const at::Tensor inner = activate(conv1d(normed_again, block.c_fc_weight, block.c_fc_bias, m_bf16), config.activation_function);
        x.add_(conv1d(inner, block.mlp_c_proj_weight, block.mlp_c_proj_bias, m_bf16));
    }
    for (std::int64_t& length : m_lengths) ++length;
    x = at::layer_norm(x, {config.n_embd}, m_model.final_norm_weight(), m_model.final_norm_bias(), config.layer_norm_epsilon);
    return m_model.logits(x, m_bf16).cpu();
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
