#include "core/engine/generation/KeyValueCache.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/Activation.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t tokens_at_once = 2048;  ///< of prompts
constexpr std::int64_t queries_at_once = 64;  ///< their scores stay in the processor's own memory

at::Tensor matrix_at(float* values, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
    return at::from_blob(values, {rows, columns}, {stride, 1}, at::kFloat);
}

bool begins_with(const std::vector<TokenId>& ids, const std::vector<TokenId>& prefix) {
    return ids.size() > prefix.size() && std::equal(prefix.begin(), prefix.end(), ids.begin());
}

}  // namespace

KeyValueCache::KeyValueCache(const StepWeights& weights, std::int64_t slots, std::int64_t capacity)
    : m_weights(weights), m_model(weights.model()), m_capacity(capacity), m_products(weights) {
    const auto& config = m_model.config();
    for (std::int64_t layer = 0; layer < config.n_layer; ++layer) {
        const auto options = at::TensorOptions(at::kFloat).device(m_model.device());
        m_keys.push_back(at::empty({slots, config.n_head, capacity, config.head_size()}, options));
        m_values.push_back(at::empty({slots, config.n_head, capacity, config.head_size()}, options));
    }
    for (std::int64_t slot = slots - 1; slot >= 0; --slot) m_free.push_back(slot);
}

std::int64_t KeyValueCache::take_slot() {
    const std::int64_t slot = m_free.back();
    m_free.pop_back();
    return slot;
}

float* KeyValueCache::place(const at::Tensor& tensor, std::int64_t slot, std::int64_t head) const {
    const auto& config = m_model.config();
    return tensor.data_ptr<float>() + (slot * config.n_head + head) * m_capacity * config.head_size();
}

void KeyValueCache::copy_slot(std::int64_t from, std::int64_t to, std::int64_t tokens) {
    for (const auto* tensors : {&m_keys, &m_values})
        for (const at::Tensor& tensor : *tensors)
            tensor.select(0, to).slice(1, 0, tokens).copy_(tensor.select(0, from).slice(1, 0, tokens));
}

void KeyValueCache::read_prefix(std::span<const TokenId> ids) {
    if (!on_host()) return;
    const at::NoGradGuard no_graph;
    m_prefix.assign(ids.begin(), ids.end());
    m_prefix_slot = take_slot();
    Passage passage{m_prefix_slot, 0, m_prefix, 0};
    static_cast<void>(pass({&passage, 1}));
}

at::Tensor KeyValueCache::read_prompts(std::span<const std::vector<TokenId>> prompts) {
    const at::NoGradGuard no_graph;
    std::map<std::span<const TokenId>, std::int64_t, decltype([](auto a, auto b) { return std::ranges::lexicographical_compare(a, b); })>
        known;
    std::vector<Passage> passages;
    std::vector<std::int64_t> read_as;  // for each prompt its passage
    for (const std::vector<TokenId>& prompt : prompts) {
        const std::int64_t slot = take_slot();
        m_texts.push_back({slot, static_cast<std::int64_t>(prompt.size())});
        const auto [found, is_new] = known.emplace(prompt, static_cast<std::int64_t>(passages.size()));
        read_as.push_back(found->second);
        if (!is_new) continue;
        const auto past = static_cast<std::int64_t>(m_prefix_slot >= 0 && begins_with(prompt, m_prefix) ? m_prefix.size() : 0);
        if (past > 0) copy_slot(m_prefix_slot, slot, past);
        passages.push_back({slot, past, std::span(prompt).subspan(static_cast<std::size_t>(past)), 0});
    }
    const at::Tensor states = read_passages(passages);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        const Text& text = m_texts[m_texts.size() - prompts.size() + i];
        const std::int64_t source = passages[static_cast<std::size_t>(read_as[i])].slot;
        if (source != text.slot) copy_slot(source, text.slot, text.length);
    }
    const at::Tensor logits = logits_of(states);
    return passages.size() == prompts.size() ? logits : logits.index_select(0, at::tensor(read_as, at::kLong));
}

/// The states after each, by as many passes as it takes.
at::Tensor KeyValueCache::read_passages(std::span<Passage> passages) {
    std::vector<at::Tensor> states;
    for (std::size_t first = 0; first < passages.size();) {
        std::size_t tokens = 0;
        std::size_t longest = 0;
        std::size_t end = first;
        for (; end < passages.size(); ++end) {
            longest = std::max(longest, passages[end].ids.size());
            const std::size_t all = on_host() ? tokens + passages[end].ids.size() : (end - first + 1) * longest;  // there they are padded
            if (end > first && all > tokens_at_once) break;
            passages[end].row = static_cast<std::int64_t>(tokens);
            tokens += passages[end].ids.size();
        }
        const auto group = passages.subspan(first, end - first);
        states.push_back(on_host() ? pass(group) : read_on_device(group));
        first = end;
    }
    return states.size() == 1 ? states.front() : at::cat(states);
}

at::Tensor KeyValueCache::step(std::span<const TokenId> tokens) {
    const at::NoGradGuard no_graph;
    std::vector<Passage> passages;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        passages.push_back({m_texts[i].slot, m_texts[i].length, tokens.subspan(i, 1), static_cast<std::int64_t>(i)});
        ++m_texts[i].length;
    }
    return logits_of(on_host() ? pass(passages) : step_on_device(passages));
}

void KeyValueCache::embed(std::span<const Passage> passages) {
    const std::int64_t width = m_model.config().n_embd;
    const float* of_token = m_model.token_embedding().data_ptr<float>();
    const float* of_place = m_model.position_embedding().data_ptr<float>();
    for (const Passage& passage : passages)
        for (std::size_t i = 0; i < passage.ids.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            const float* token = of_token + passage.ids[i] * width;
            const float* position = of_place + (passage.past + at) * width;
            float* to = m_states.data() + (passage.row + at) * width;
            for (std::int64_t k = 0; k < width; ++k) to[k] = token[k] + position[k];
        }
}

/// Puts the keys and values of a passage's tokens beside those of its text.
void KeyValueCache::remember(const Passage& passage, std::size_t layer, std::int64_t head) {
    const std::int64_t width = m_model.config().n_embd;
    const std::int64_t size = m_model.config().head_size();
    float* keys = place(m_keys[layer], passage.slot, head) + passage.past * size;
    float* values = place(m_values[layer], passage.slot, head) + passage.past * size;
    const float* from = m_qkv.data() + passage.row * 3 * width + head * size;
    for (std::size_t i = 0; i < passage.ids.size(); ++i, from += 3 * width, keys += size, values += size) {
        std::copy_n(from + width, size, keys);
        std::copy_n(from + 2 * width, size, values);
    }
}

/// softmax(scale · q kᵀ, causal) v of one head for a passage's tokens, which see all of their text up to themselves.
void KeyValueCache::attend(const Passage& passage, std::size_t layer, std::int64_t head, std::vector<float>& scores) {
    const std::int64_t width = m_model.config().n_embd;
    const std::int64_t size = m_model.config().head_size();
    const auto scale = static_cast<float>(m_model.config().attention_scale(layer));
    float* keys = place(m_keys[layer], passage.slot, head);
    float* values = place(m_values[layer], passage.slot, head);
    float* queries = m_qkv.data() + passage.row * 3 * width + head * size;
    float* to = m_mixed.data() + passage.row * width + head * size;
    const auto count = static_cast<std::int64_t>(passage.ids.size());
    if (count == 1) {
        scores.resize(static_cast<std::size_t>(passage.past + 1));
        attend_row(queries, keys, values, scores.size(), static_cast<std::size_t>(size), scale, scores.data(), to);
        return;
    }
    for (std::int64_t first = 0; first < count; first += queries_at_once) {
        const std::int64_t rows = std::min(queries_at_once, count - first);
        const std::int64_t seen = passage.past + first + rows;  // by the last of them
        scores.resize(static_cast<std::size_t>(rows * seen));
        at::Tensor weights = matrix_at(scores.data(), rows, seen, seen);
        at::mm_out(weights, matrix_at(queries + first * 3 * width, rows, size, 3 * width), matrix_at(keys, seen, size, size).t());
        for (std::int64_t row = 0; row < rows; ++row) {
            float* own = scores.data() + row * seen;
            causal_softmax_row(own, own, static_cast<std::size_t>(seen - rows + row + 1), static_cast<std::size_t>(seen), scale);
        }
        at::Tensor mixed = matrix_at(to + first * width, rows, size, width);
        at::mm_out(mixed, weights, matrix_at(values, seen, size, size));
    }
}

/// All layers over the passages' tokens side by side -> the states after each passage, [passages, n_embd], before the final norm.
at::Tensor KeyValueCache::pass(std::span<const Passage> passages) {
    const auto& config = m_model.config();
    const std::int64_t width = config.n_embd;
    const auto count = static_cast<std::int64_t>(passages.size());
    std::int64_t rows = passages.back().row + static_cast<std::int64_t>(passages.back().ids.size());
    m_states.resize(static_cast<std::size_t>(rows * width));
    m_qkv.resize(3 * m_states.size());
    m_mixed.resize(m_states.size());
    m_inner.resize(static_cast<std::size_t>(rows * m_weights.widest()));
    embed(passages);
    for (std::size_t layer = 0; layer < m_weights.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const StepBlock& matrices = m_weights.blocks()[layer];
        m_products.run(matrices.c_attn, m_states.data(), rows, {.norm = StepNorm(block.ln_1_weight, block.ln_1_bias)}, m_qkv.data());
        parallel_for(0, count * config.n_head, 1, [&](std::int64_t begin, std::int64_t end) {
            const at::NoGradGuard no_graph;
            std::vector<float> scores;
            for (std::int64_t at = begin; at < end; ++at) {
                const Passage& passage = passages[static_cast<std::size_t>(at / config.n_head)];
                remember(passage, layer, at % config.n_head);
                attend(passage, layer, at % config.n_head, scores);
            }
        });
        if (layer + 1 == m_weights.blocks().size() && rows > count) {  // of the last block only the states after each passage are wanted
            for (std::int64_t i = 0; i < count; ++i) {
                const Passage& passage = passages[static_cast<std::size_t>(i)];
                const std::int64_t last = (passage.row + static_cast<std::int64_t>(passage.ids.size()) - 1) * width;
                std::copy_n(m_states.data() + last, width, m_states.data() + i * width);
                std::copy_n(m_mixed.data() + last, width, m_mixed.data() + i * width);
            }
            rows = count;
        }
        m_products.run(matrices.attn_c_proj, m_mixed.data(), rows, {.add_to = true}, m_states.data());
        m_products.run(matrices.c_fc, m_states.data(), rows, {.norm = StepNorm(block.ln_2_weight, block.ln_2_bias), .activate = true},
                       m_inner.data());
        m_products.run(matrices.mlp_c_proj, m_inner.data(), rows, {.add_to = true}, m_states.data());
    }
    at::Tensor states = at::empty({count, width}, at::kFloat);
    std::copy_n(m_states.data(), count * width, states.data_ptr<float>());
    return states;
}

/// States [texts, n_embd] -> [texts, vocab_size]. On a graphics card the final norm has been applied to them already.
at::Tensor KeyValueCache::logits_of(const at::Tensor& states) {
    if (!on_host()) return m_model.logits(states, in_bf16()).cpu();
    at::Tensor logits = at::empty({states.size(0), m_model.config().vocab_size}, at::kFloat);
    m_products.run(m_weights.head(), states.data_ptr<float>(), states.size(0),
                   {.norm = StepNorm(m_model.final_norm_weight(), m_model.final_norm_bias())}, logits.data_ptr<float>());
    return logits;
}

/// What pass() does for one token a text, by LibTorch's operators.
at::Tensor KeyValueCache::step_on_device(std::span<const Passage> passages) {
    const auto& config = m_model.config();
    std::vector<std::int64_t> ids, lengths, slots;
    for (const Passage& passage : passages) {
        ids.push_back(passage.ids.front());
        lengths.push_back(passage.past);
        slots.push_back(passage.slot);
    }
    const CachePlaces places = CachePlaces::of(slots, lengths, m_model.device());
    at::Tensor x = m_model.token_embedding().index_select(0, at::tensor(ids, at::kLong).to(m_model.device())) +
                   m_model.position_embedding().index_select(0, places.lengths);
    for (std::size_t layer = 0; layer < m_model.blocks().size(); ++layer) {
        const Gpt2Block& block = m_model.blocks()[layer];
        const at::Tensor normed = at::layer_norm(x, {config.n_embd}, block.ln_1_weight, block.ln_1_bias, config.layer_norm_epsilon);
        const at::Tensor mixed = attend_on_device(conv1d(normed, block.c_attn_weight, block.c_attn_bias, block.c_attn_lora, in_bf16()),
                                                  m_keys[layer], m_values[layer], places, config.attention_scale(layer));
        x.add_(conv1d(mixed, block.attn_c_proj_weight, block.attn_c_proj_bias, block.attn_c_proj_lora, in_bf16()));
        const at::Tensor normed_again = at::layer_norm(x, {config.n_embd}, block.ln_2_weight, block.ln_2_bias, config.layer_norm_epsilon);
        const at::Tensor inner =
            activate(conv1d(normed_again, block.c_fc_weight, block.c_fc_bias, block.c_fc_lora, in_bf16()), config.activation_function);
        x.add_(conv1d(inner, block.mlp_c_proj_weight, block.mlp_c_proj_bias, block.mlp_c_proj_lora, in_bf16()));
    }
    return at::layer_norm(x, {config.n_embd}, m_model.final_norm_weight(), m_model.final_norm_bias(), config.layer_norm_epsilon);
}

/// What pass() does for whole prompts, padded at the right, which causal attention never sees.
at::Tensor KeyValueCache::read_on_device(std::span<const Passage> passages) {
    std::size_t longest = 0;
    for (const Passage& passage : passages) longest = std::max(longest, passage.ids.size());
    const auto tokens = static_cast<std::int64_t>(longest);
    at::Tensor ids = at::zeros({static_cast<std::int64_t>(passages.size()), tokens}, at::kLong);
    std::vector<std::int64_t> last, slots;
    for (const Passage& passage : passages) {
        const auto begin = static_cast<std::int64_t>(slots.size()) * tokens;
        std::copy(passage.ids.begin(), passage.ids.end(), ids.data_ptr<std::int64_t>() + begin);
        last.push_back(begin + static_cast<std::int64_t>(passage.ids.size()) - 1);
        slots.push_back(passage.slot);
    }
    std::vector<at::Tensor> keys_values, hidden_states;
    ForwardOptions options;
    options.bf16 = in_bf16();
    options.keys_values = &keys_values;
    options.positions = at::tensor(last, at::kLong);
    at::Tensor states = m_model.hidden(ids, options);
    const at::Tensor places = at::tensor(slots, at::kLong).to(m_model.device());
    for (std::size_t layer = 0; layer < keys_values.size(); ++layer) {
        m_keys[layer].slice(2, 0, tokens).index_copy_(0, places, keys_values[layer][0].to(at::kFloat));
        m_values[layer].slice(2, 0, tokens).index_copy_(0, places, keys_values[layer][1].to(at::kFloat));
    }
    return states;
}

void KeyValueCache::keep(std::span<const std::int64_t> texts) {
    std::vector<Text> kept;
    std::set<std::int64_t> used;
    for (const std::int64_t text : texts) {
        kept.push_back(m_texts[static_cast<std::size_t>(text)]);
        used.insert(kept.back().slot);
    }
    for (const Text& text : m_texts)
        if (!used.contains(text.slot)) m_free.push_back(text.slot);
    m_texts = std::move(kept);
    used.clear();
    for (Text& text : m_texts) {
        if (used.insert(text.slot).second) continue;
        const std::int64_t slot = take_slot();
        copy_slot(text.slot, slot, text.length);
        text.slot = slot;
    }
}

}  // namespace lossmith::engine
