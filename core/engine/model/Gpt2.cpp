#include "core/engine/model/Gpt2.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "core/engine/model/Attention.h"
#include "core/engine/model/BlockPass.h"
#include "core/engine/model/Dropout.h"
#include "core/engine/model/Product.h"
#include "core/engine/model/Recompute.h"

namespace lossmith::engine {
namespace {

/// A block's tensors and the end of their names in a checkpoint: one table for reading, writing and listing.
struct NamedMember {
    const char* name;
    at::Tensor Gpt2Block::* member;
};
constexpr NamedMember block_members[] = {
    {"ln_1.weight", &Gpt2Block::ln_1_weight},
    {"ln_1.bias", &Gpt2Block::ln_1_bias},
    {"attn.c_attn.weight", &Gpt2Block::c_attn_weight},
    {"attn.c_attn.bias", &Gpt2Block::c_attn_bias},
    {"attn.c_proj.weight", &Gpt2Block::attn_c_proj_weight},
    {"attn.c_proj.bias", &Gpt2Block::attn_c_proj_bias},
    {"ln_2.weight", &Gpt2Block::ln_2_weight},
    {"ln_2.bias", &Gpt2Block::ln_2_bias},
    {"mlp.c_fc.weight", &Gpt2Block::c_fc_weight},
    {"mlp.c_fc.bias", &Gpt2Block::c_fc_bias},
    {"mlp.c_proj.weight", &Gpt2Block::mlp_c_proj_weight},
    {"mlp.c_proj.bias", &Gpt2Block::mlp_c_proj_bias},
};

/// A block's changes and the middle of their names.
struct NamedPair {
    const char* name;
    LoraPair Gpt2Block::* member;
};
constexpr NamedPair block_pairs[] = {
    {"attn.c_attn", &Gpt2Block::c_attn_lora},
    {"attn.c_proj", &Gpt2Block::attn_c_proj_lora},
    {"mlp.c_fc", &Gpt2Block::c_fc_lora},
    {"mlp.c_proj", &Gpt2Block::mlp_c_proj_lora},
};

/// Of the 4096 places of a micro-batch's dropouts, the first of those before changes, four a layer; the others are three a layer.
constexpr std::int64_t lora_place = 2048;

DropoutKey key_of(const DropoutPlace& at, std::int64_t place) {
    return dropout_key(at.seed, at.step, at.micro_batch * 4096 + place);
}

std::string block_name(std::size_t layer, const char* end) {
    return "transformer.h." + std::to_string(layer) + "." + end;
}

/// Rows of the embedding table. The gradient is added straight into the table's own, so that no second
/// [vocabulary, width] buffer is filled with zeros and added for the few rows a batch touches.
struct EmbeddingLookup : torch::autograd::Function<EmbeddingLookup> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& table, const at::Tensor& ids) {
        context->save_for_backward({ids});
        context->saved_data["table"] = table;
        return table.index_select(0, ids.reshape({-1})).view({ids.size(0), ids.size(1), table.size(1)});
    }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const at::Tensor ids = context->get_saved_variables()[0];
        at::Tensor table = context->saved_data["table"].toTensor();
        const at::NoGradGuard no_gradient;
        at::Tensor& into = table.mutable_grad();
        if (!into.defined()) into = at::zeros_like(table);
        into.index_add_(0, ids.reshape({-1}), gradients[0].reshape({-1, table.size(1)}));
        return {at::Tensor(), at::Tensor()};
    }
};

/// Whether anything of a block requires gradients.
bool moves(const Gpt2Block& block) {
    for (const auto& [name, member] : block_members)
        if ((block.*member).requires_grad()) return true;
    for (const auto& [name, member] : block_pairs)
        if ((block.*member).a.defined() && (block.*member).a.requires_grad()) return true;
    return false;
}

}  // namespace

Gpt2 Gpt2::from_checkpoint(const Checkpoint& checkpoint) {
    Gpt2 model;
    model.m_config = checkpoint.config;
    model.m_generation_config = checkpoint.generation_config;
    model.m_wte = checkpoint.tensors.at("transformer.wte.weight");
    model.m_wpe = checkpoint.tensors.at("transformer.wpe.weight");
    model.m_ln_f_weight = checkpoint.tensors.at("transformer.ln_f.weight");
    model.m_ln_f_bias = checkpoint.tensors.at("transformer.ln_f.bias");
    const auto head = checkpoint.tensors.find("lm_head.weight");
    model.m_lm_head = head == checkpoint.tensors.end() ? model.m_wte : head->second;
    model.m_blocks.resize(static_cast<std::size_t>(checkpoint.config.n_layer));
    for (std::size_t layer = 0; layer < model.m_blocks.size(); ++layer)
        for (const auto& [name, member] : block_members) model.m_blocks[layer].*member = checkpoint.tensors.at(block_name(layer, name));
    return model;
}

Checkpoint Gpt2::to_checkpoint() const {
    Checkpoint checkpoint;
    checkpoint.config = m_config;
    checkpoint.generation_config = m_generation_config;
    for (const auto& [name, tensor] : parameters()) checkpoint.tensors.emplace(name, tensor.detach());
    if (!m_adapter) return checkpoint;
    const at::NoGradGuard no_graph;
    for (const auto& [name, pair] : m_adapter->pairs) {
        at::Tensor& weight = checkpoint.tensors.at(name + ".weight");
        weight = weight + merged_change(pair).to(weight.device());
    }
    return checkpoint;
}

void Gpt2::set_adapter(LoraAdapter adapter) {
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer)
        for (const auto& [name, member] : block_pairs) {
            const std::string place = block_name(layer, name);
            const auto found =
                std::find_if(adapter.pairs.begin(), adapter.pairs.end(), [&](const auto& pair) { return pair.first == place; });
            m_blocks[layer].*member = found == adapter.pairs.end() ? LoraPair{} : found->second;
        }
    m_adapter = std::move(adapter);
}

Gpt2 Gpt2::merged() const {
    return m_adapter ? from_checkpoint(to_checkpoint()) : *this;
}

Gpt2 Gpt2::without_adapter() const {
    Gpt2 base = *this;
    base.m_adapter.reset();
    for (Gpt2Block& block : base.m_blocks)
        for (const auto& [name, member] : block_pairs) block.*member = {};
    return base;
}

void Gpt2::set_dropout(double p) {
    m_config.attn_pdrop = m_config.resid_pdrop = m_config.embd_pdrop = p;
}

std::vector<std::pair<std::string, at::Tensor>> Gpt2::parameters() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    all.emplace_back("transformer.wte.weight", m_wte);
    all.emplace_back("transformer.wpe.weight", m_wpe);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer)
        for (const auto& [name, member] : block_members) all.emplace_back(block_name(layer, name), m_blocks[layer].*member);
    all.emplace_back("transformer.ln_f.weight", m_ln_f_weight);
    all.emplace_back("transformer.ln_f.bias", m_ln_f_bias);
    if (!m_lm_head.is_same(m_wte)) all.emplace_back("lm_head.weight", m_lm_head);
    return all;
}

std::vector<std::pair<std::string, at::Tensor>> Gpt2::trainable_parameters() const {
    auto all = parameters();
    if (m_adapter)
        for (auto& named : named_tensors(*m_adapter)) all.push_back(std::move(named));
    std::erase_if(all, [](const auto& named) { return !named.second.requires_grad(); });
    return all;
}

void Gpt2::require_gradients_but(std::int64_t frozen_layers, bool frozen_embeddings) {
    require_gradients(!m_adapter);
    if (m_adapter) {
        for (auto& [name, tensor] : named_tensors(*m_adapter)) tensor.requires_grad_(true);
        return;
    }
    for (std::size_t layer = 0; layer < m_blocks.size() && std::cmp_less(layer, frozen_layers); ++layer)
        for (const auto& [name, member] : block_members) (m_blocks[layer].*member).requires_grad_(false);
    if (!frozen_embeddings) return;
    m_wte.requires_grad_(false);
    m_wpe.requires_grad_(false);
}

void Gpt2::require_gradients(bool wanted) {
    for (auto& [name, tensor] : parameters()) tensor.requires_grad_(wanted);
}

void Gpt2::move_to(at::Device device) {
    const bool tied = m_lm_head.is_same(m_wte);
    for (at::Tensor* tensor : {&m_wte, &m_wpe, &m_ln_f_weight, &m_ln_f_bias}) *tensor = tensor->detach().to(device);
    m_lm_head = tied ? m_wte : m_lm_head.detach().to(device);
    for (Gpt2Block& block : m_blocks)
        for (const auto& [name, member] : block_members) block.*member = (block.*member).detach().to(device);
    if (!m_adapter) return;
    LoraAdapter moved = *m_adapter;
    for (auto& [name, pair] : moved.pairs)
        for (at::Tensor* tensor : {&pair.a, &pair.b}) *tensor = tensor->detach().to(device);
    set_adapter(std::move(moved));
}

at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, bool bf16) {
    auto shape = x.sizes().vec();
    const at::Tensor flat = x.reshape({-1, x.size(-1)});
    shape.back() = weight.size(1);
    return product(flat, weight, bf16, bias).view(shape);
}

at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const LoraPair& lora, bool bf16) {
    const at::Tensor y = conv1d(x, weight, bias, bf16);
    if (!lora.a.defined()) return y;
    const at::Tensor low = at::mm(x.reshape({-1, x.size(-1)}), lora.a.t());
    return y + at::mm(low, lora.b.t()).mul_(lora.scaling).view(y.sizes());
}

at::Tensor Gpt2::block_output(std::size_t layer, at::Tensor x, const ForwardOptions& options) const {
    const std::int64_t rows = x.size(0);
    const std::int64_t tokens = x.size(1);
    const std::int64_t heads = m_config.n_head;
    const Gpt2Block& block = m_blocks[layer];
    const auto place = static_cast<std::int64_t>(layer) * 3 + 1;
    const auto place_of_change = lora_place + 4 * static_cast<std::int64_t>(layer);
    CausalAttention attention{heads, m_config.attention_scale(layer), 0.0, {}, options.bf16};
    BlockPass pass{m_config.layer_norm_epsilon, options.bf16, 0.0, {}};
    if (options.training) {
        attention.dropout = m_config.attn_pdrop;
        attention.key = key_of(*options.training, place);
        pass.residual_dropout = m_config.resid_pdrop;
        pass.residual_key = key_of(*options.training, place + 1);
        pass.lora = {true, key_of(*options.training, place_of_change), key_of(*options.training, place_of_change + 1)};
    }
    at::Tensor qkv;
    x = attention_half(x, block, pass, attention, &qkv);
    if (options.keys_values != nullptr)
        options.keys_values->push_back(qkv.view({rows, tokens, 3, heads, m_config.n_embd / heads}).slice(2, 1, 3).permute({2, 0, 3, 1, 4}));
    if (options.attentions != nullptr) options.attentions->push_back(attention_probabilities(qkv, attention));
    if (options.training) {
        pass.residual_key = key_of(*options.training, place + 2);
        pass.lora = {true, key_of(*options.training, place_of_change + 2), key_of(*options.training, place_of_change + 3)};
    }
    if (options.positions.defined() && layer + 1 == m_blocks.size())
        x = x.view({rows * tokens, m_config.n_embd}).index_select(0, options.positions.to(device()));
    return mlp_half(x, block, pass, m_config.activation_function);
}

at::Tensor Gpt2::hidden(const at::Tensor& given, const ForwardOptions& options) const {
    const at::Tensor ids = given.to(device());
    const auto looked_up = [&] {
        if (options.embeddings.defined()) return options.embeddings;
        return m_wte.requires_grad() && at::GradMode::is_enabled() ? EmbeddingLookup::apply(m_wte, ids) : at::embedding(m_wte, ids);
    };
    at::Tensor x = looked_up() + m_wpe.slice(0, 0, ids.size(1));
    if (options.training) x = dropout(x, m_config.embd_pdrop, key_of(*options.training, 0));

    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        if (options.hidden_states != nullptr) options.hidden_states->push_back(x);
        if (options.gradient_checkpointing && (x.requires_grad() || moves(m_blocks[layer])))
            x = recomputed(x, [this, layer, options](const at::Tensor& in) { return block_output(layer, in, options); });
        else
            x = block_output(layer, x, options);
    }
    x = at::layer_norm(x, {m_config.n_embd}, m_ln_f_weight, m_ln_f_bias, m_config.layer_norm_epsilon);
    if (options.hidden_states != nullptr) options.hidden_states->push_back(x);
    return x;
}

at::Tensor Gpt2::logits(const at::Tensor& hidden, bool bf16) const {
    if (at::GradMode::is_enabled() && (hidden.requires_grad() || m_lm_head.requires_grad())) return at::linear(hidden, m_lm_head);
    auto shape = hidden.sizes().vec();
    shape.back() = m_lm_head.size(0);
    return product(hidden.reshape({-1, hidden.size(-1)}), m_lm_head.t(), bf16).view(shape);
}

}  // namespace lossmith::engine
