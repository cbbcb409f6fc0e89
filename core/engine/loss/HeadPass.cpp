#include "core/engine/loss/HeadPass.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

#include "core/engine/model/Product.h"

namespace lossmith::engine {
namespace {

/// The part of the vocabulary that a pass computes logits for.
struct Vocabulary {
    at::Tensor head;        // [candidates, n_embd]
    at::Tensor ids;         // [candidates], undefined: all of it in order
    at::Tensor labels;      // [labelled], as indices into `head`
    at::Tensor correction;  // [candidates], added to the logits; undefined: none
};

Vocabulary whole(const Gpt2& model, const at::Tensor& labels) {
    return {model.head().detach(), {}, labels, {}};
}

Vocabulary sampled(const Gpt2& model, const at::Tensor& labels, const HeadOptions& options) {
    const std::int64_t size = model.head().size(0);
    const at::Tensor flat = labels.cpu().contiguous();
    std::vector<std::int64_t> ids;
    std::unordered_map<std::int64_t, std::int64_t> place;
    std::vector<std::int64_t> moved(static_cast<std::size_t>(flat.numel()));
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
        const std::int64_t id = flat.data_ptr<std::int64_t>()[i];
        const auto [found, fresh] = place.emplace(id, static_cast<std::int64_t>(ids.size()));
        if (fresh) ids.push_back(id);
        moved[static_cast<std::size_t>(i)] = found->second;
    }
    const auto own = static_cast<std::int64_t>(ids.size());
    const std::int64_t rest = size - own;
    const std::int64_t wanted = std::min(options.vocabulary_sample, rest);
    std::mt19937_64 random(options.sample_seed);
    while (static_cast<std::int64_t>(ids.size()) < own + wanted) {
        const auto id = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size));
        if (place.emplace(id, static_cast<std::int64_t>(ids.size())).second) ids.push_back(id);
    }
    Vocabulary part;
    part.ids = at::tensor(ids, at::kLong).to(labels.device());
    part.labels = at::tensor(moved, at::kLong).to(labels.device());
    part.head = model.head().detach().index_select(0, part.ids);
    part.correction = at::zeros({static_cast<std::int64_t>(ids.size())}, part.head.options());
    if (wanted > 0) part.correction.slice(0, own).fill_(std::log(static_cast<double>(rest) / static_cast<double>(wanted)));
    return part;
}

at::Tensor flat_states(const at::Tensor& states) {
    return states.dim() == 2 ? states : states.reshape({-1, states.size(-1)});
}

/// The places of a pass in one line, cut into stretches; a stretch that is all of them has the shape they came in.
class Places {
public:
    Places(const Gpt2& model, const Objective& objective, const HeadInputs& inputs, const HeadOptions& options)
        : m_model(model),
          m_inputs(inputs),
          m_options(options),
          m_needs(objective.loss.needs()),
          m_hidden(flat_states(inputs.hidden)),
          m_vocabulary(options.vocabulary_sample > 0 && options.gradients && inputs.labels.dim() == 1
                           ? sampled(model, inputs.labels, options)
                           : whole(model, inputs.labels)),
          m_head(operand(m_vocabulary.head, options.bf16)) {
        if (!m_needs.base_logits || !inputs.base_hidden.defined()) return;
        m_base_hidden = flat_states(inputs.base_hidden);
        m_base_head = operand(objective.base->head().detach(), options.bf16);
    }

    [[nodiscard]] const Vocabulary& vocabulary() const { return m_vocabulary; }
    [[nodiscard]] const at::Tensor& head() const { return m_head; }
    [[nodiscard]] std::int64_t count() const { return m_hidden.size(0); }
    [[nodiscard]] at::Tensor states(std::int64_t begin, std::int64_t end) const {
        return operand(m_hidden.slice(0, begin, end), m_options.bf16);
    }

    [[nodiscard]] LossInputs inputs(std::int64_t begin, std::int64_t end, const at::Tensor& states) const {
        LossInputs part{logits_of(states, m_head), of_places(m_vocabulary.labels, begin, end)};
        if (m_vocabulary.correction.defined()) part.logits.add_(m_vocabulary.correction);
        part.logits = shaped(part.logits);
        part.input_ids = of_places(m_inputs.input_ids, begin, end);
        part.attention_mask = of_places(m_inputs.attention_mask, begin, end);
        part.moment = m_inputs.moment;
        part.sampled = {of_places(m_inputs.sampled.weights, begin, end), of_places(m_inputs.sampled.advantages, begin, end),
                        of_places(m_inputs.sampled.log_probs, begin, end)};
        if (m_needs.hidden_states) part.hidden_states = shaped(m_hidden.slice(0, begin, end));
        if (m_needs.embeddings) part.embeddings = m_model.token_embedding().detach();
        if (m_base_hidden.defined())
            part.base_logits = shaped(logits_of(operand(m_base_hidden.slice(0, begin, end), m_options.bf16), m_base_head));
        return part;
    }

private:
    [[nodiscard]] at::Tensor logits_of(const at::Tensor& states, const at::Tensor& head) const {
        return product(states, head.t(), m_options.bf16);
    }
    [[nodiscard]] at::Tensor of_places(const at::Tensor& values, std::int64_t begin, std::int64_t end) const {
        return values.defined() && values.dim() == 1 ? values.slice(0, begin, end) : values;
    }
    /// [count, size] in the shape of the labels.
    [[nodiscard]] at::Tensor shaped(const at::Tensor& values) const {
        if (m_inputs.labels.dim() == 1) return values;
        return values.view({m_inputs.labels.size(0), m_inputs.labels.size(1), values.size(-1)});
    }

    const Gpt2& m_model;
    const HeadInputs& m_inputs;
    const HeadOptions& m_options;
    LossNeeds m_needs;
    at::Tensor m_hidden;
    Vocabulary m_vocabulary;
    at::Tensor m_head;
    at::Tensor m_base_hidden, m_base_head;  // undefined where no base is asked for
};

}  // namespace

Result<HeadResult> head_pass(const Gpt2& model, const Objective& objective, const HeadInputs& inputs, const HeadOptions& options) {
    const at::NoGradGuard no_graph;
    const Loss& loss = objective.loss;
    const Places places(model, objective, inputs, options);
    const Vocabulary& vocabulary = places.vocabulary();
    at::Tensor head_gradient;
    bool fresh = false;  // head_gradient holds nothing yet
    const bool for_head = options.gradients && model.head().requires_grad();
    if (for_head) {
        if (vocabulary.ids.defined()) {
            head_gradient = at::zeros_like(vocabulary.head);
        } else {
            at::Tensor& own = model.head().mutable_grad();
            fresh = !own.defined();
            if (fresh) own = places.count() > 0 ? at::empty_like(vocabulary.head) : at::zeros_like(vocabulary.head);
            head_gradient = own;
        }
    }

    HeadResult result;
    if (options.gradients) result.hidden_gradient = at::empty_like(inputs.hidden);
    const at::Tensor hidden_gradient = options.gradients ? flat_states(result.hidden_gradient) : at::Tensor();
    const std::int64_t chunk = loss.separable_by_token() ? options.chunk : std::max<std::int64_t>(places.count(), 1);
    for (std::int64_t begin = 0; begin < places.count(); begin += chunk) {
        const std::int64_t end = std::min(places.count(), begin + chunk);
        const at::Tensor states = places.states(begin, end);
        LossInputs part = places.inputs(begin, end, states);
        if (!options.gradients) {
            const LossValue value = LOSSMITH_TRY(loss.evaluate(part));
            result.loss_sum += value.sum.item<double>();
            for (const auto& [name, sum] : value.parts) add_part(result.parts, name, sum.item<double>());
            continue;
        }
        const LossGradient gradient = LOSSMITH_TRY(loss.with_gradient(std::move(part), options.weight));
        result.loss_sum += gradient.sum;
        for (const auto& [name, sum] : gradient.parts) add_part(result.parts, name, sum);
        const at::Tensor at_logits = flat_states(gradient.at_logits);
        at::Tensor into = hidden_gradient.slice(0, begin, end);
        const at::Tensor above = operand(at_logits, options.bf16);
        put_product(into, above, places.head(), options.bf16);
        if (for_head) (fresh ? put_product : add_product)(head_gradient, above.t(), states, options.bf16);
        if (gradient.at_hidden.defined()) into.add_(flat_states(gradient.at_hidden));
        fresh = false;
    }
    if (for_head && vocabulary.ids.defined()) {
        at::Tensor& own = model.head().mutable_grad();
        if (!own.defined()) own = at::zeros_like(model.head());
        own.index_add_(0, vocabulary.ids, head_gradient);
    }
    return result;
}

}  // namespace lossmith::engine
