#include "core/engine/generation/KeyValueCache.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "core/engine/model/Activation.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {

KeyValueCache::KeyValueCache(const Gpt2& model, std::int64_t texts, std::int64_t capacity, bool bf16)
    : m_model(model), m_capacity(capacity), m_bf16(bf16), m_lengths(static_cast<std::size_t>(texts), 0) {
    const auto& config = model.config();
    for (std::int64_t layer = 0; layer < config.n_layer; ++layer) {
        m_keys.push_back(at::empty({texts, config.n_head, capacity, config.head_size()}, at::kFloat));
        m_values.push_back(at::empty({texts, config.n_head, capacity, config.head_size()}, at::kFloat));
    }
}

at::Tensor KeyValueCache::read_prompts(std::span<const std::vector<TokenId>> prompts) {
    const at::NoGradGuard no_graph;
    std::size_t longest = 1;
    for (const auto& prompt : prompts) longest = std::max(longest, prompt.size());
    const auto rows = static_cast<std::int64_t>(prompts.size());
    const auto tokens = static_cast<std::int64_t>(longest);
    at::Tensor ids = at::zeros({rows, tokens}, at::kLong);
    at::Tensor last = at::empty({rows}, at::kLong);
    for (std::size_t row = 0; row < prompts.size(); ++row) {
        std::copy(prompts[row].begin(), prompts[row].end(), ids.data_ptr<std::int64_t>() + row * longest);
        m_lengths[row] = static_cast<std::int64_t>(prompts[row].size());
        last.data_ptr<std::int64_t>()[row] = static_cast<std::int64_t>(row) * tokens + m_lengths[row] - 1;
    }
    std::vector<at::Tensor> keys_values;
    ForwardOptions options;
    options.bf16 = m_bf16;
    options.keys_values = &keys_values;
    const at::Tensor hidden = m_model.hidden(ids, options);
    for (std::size_t layer = 0; layer < keys_values.size(); ++layer) {
        m_keys[layer].slice(2, 0, tokens).copy_(keys_values[layer][0]);
        m_values[layer].slice(2, 0, tokens).copy_(keys_values[layer][1]);
    }
    return m_model.logits(hidden.view({rows * tokens, -1}).index_select(0, last), m_bf16);
}

/// qkv [texts, 3 n_embd] of the new tokens, whose keys and values are put into the cache -> [texts, n_embd].
at::Tensor KeyValueCache::attend(const at::Tensor& qkv, std::size_t layer) {
    const auto& config = m_model.config();
    const std::int64_t width = config.n_embd;
    const std::int64_t heads = config.n_head;
    const std::int64_t size = config.head_size();
    const std::int64_t texts = qkv.size(0);
    const auto scale = static_cast<float>(config.attention_scale(layer));
    const at::Tensor input = qkv.contiguous();
    at::Tensor output = at::zeros({texts, width}, at::kFloat);
    const float* from = input.data_ptr<float>();
    float* to = output.data_ptr<float>();
    float* keys = m_keys[layer].data_ptr<float>();
    float* values = m_values[layer].data_ptr<float>();
    at::parallel_for(0, texts * heads, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> weights(static_cast<std::size_t>(m_capacity));
        for (std::int64_t at = begin; at < end; ++at) {
            const std::int64_t text = at / heads;
            const std::int64_t head = at % heads;
            const std::int64_t past = m_lengths[static_cast<std::size_t>(text)];
            const float* q = from + text * 3 * width + head * size;
            float* key = keys + at * m_capacity * size;
            float* value = values + at * m_capacity * size;
            std::copy(q + width, q + width + size, key + past * size);
            std::copy(q + 2 * width, q + 2 * width + size, value + past * size);
            for (std::int64_t j = 0; j <= past; ++j) {
                float sum = 0.0F;
                for (std::int64_t d = 0; d < size; ++d) sum += q[d] * key[j * size + d];
                weights[static_cast<std::size_t>(j)] = sum;
            }
            causal_softmax_row(weights.data(), weights.data(), static_cast<std::size_t>(past + 1), static_cast<std::size_t>(past + 1),
                               scale);
            float* out = to + text * width + head * size;
            for (std::int64_t j = 0; j <= past; ++j) {
                const float weight = weights[static_cast<std::size_t>(j)];
                for (std::int64_t d = 0; d < size; ++d) out[d] += weight * value[j * size + d];
            }
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
    const at::Tensor places = at::tensor(m_lengths, at::kLong);
    at::Tensor x = m_model.token_embedding().index_select(0, ids) + m_model.position_embedding().index_select(0, places);
    for (std::size_t layer = 0; layer < m_model.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const at::Tensor normed = at::layer_norm(x, {config.n_embd}, block.ln_1_weight, block.ln_1_bias, config.layer_norm_epsilon);
        const at::Tensor mixed = attend(conv1d(normed, block.c_attn_weight, block.c_attn_bias, m_bf16), layer);
        x = x + conv1d(mixed, block.attn_c_proj_weight, block.attn_c_proj_bias, m_bf16);
        const at::Tensor normed_again = at::layer_norm(x, {config.n_embd}, block.ln_2_weight, block.ln_2_bias, config.layer_norm_epsilon);
        const at::Tensor inner = activate(conv1d(normed_again, block.c_fc_weight, block.c_fc_bias, m_bf16), config.activation_function);
        x = x + conv1d(inner, block.mlp_c_proj_weight, block.mlp_c_proj_bias, m_bf16);
    }
    for (std::int64_t& length : m_lengths) ++length;
    x = at::layer_norm(x, {config.n_embd}, m_model.final_norm_weight(), m_model.final_norm_bias(), config.layer_norm_epsilon);
    return m_model.logits(x, m_bf16);
}

void KeyValueCache::keep(std::span<const std::int64_t> texts) {
    const at::Tensor order = at::tensor(std::vector<std::int64_t>(texts.begin(), texts.end()), at::kLong);
    std::vector<std::int64_t> lengths;
    for (const std::int64_t text : texts) lengths.push_back(m_lengths[static_cast<std::size_t>(text)]);
    m_lengths = std::move(lengths);
    for (auto* tensors : {&m_keys, &m_values})
        for (at::Tensor& tensor : *tensors) tensor = tensor.index_select(0, order);
}

}  // namespace lossmith::engine
