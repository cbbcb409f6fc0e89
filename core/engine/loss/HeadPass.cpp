#include "core/engine/loss/HeadPass.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

namespace lossmith::engine {
namespace {

/// The part of the vocabulary that a pass computes logits for.
struct Vocabulary {
    at::Tensor head;      // [candidates, n_embd]
    at::Tensor ids;       // [candidates], undefined: all of it in order
    at::Tensor labels;    // [labelled], as indices into `head`
    at::Tensor correction;  // [candidates], added to the logits; undefined: none
};

Vocabulary whole(const Gpt2& model, const at::Tensor& labels) { return {model.head().detach(), {}, labels, {}}; }

Vocabulary sampled(const Gpt2& model, const at::Tensor& labels, const HeadOptions& options) {
    const std::int64_t size = model.head().size(0);
    const at::Tensor flat = labels.contiguous();
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
    part.ids = at::tensor(ids, at::kLong);
    part.labels = at::tensor(moved, at::kLong);
    part.head = model.head().detach().index_select(0, part.ids);
    part.correction = at::zeros({static_cast<std::int64_t>(ids.size())}, at::kFloat);
    if (wanted > 0) part.correction.slice(0, own).fill_(std::log(static_cast<double>(rest) / static_cast<double>(wanted)));
    return part;
}

}  // namespace

Result<HeadResult> head_pass(const Gpt2& model, const Loss& loss, const at::Tensor& hidden, const at::Tensor& labels, const HeadOptions& options) {
    const at::NoGradGuard no_graph;
    const Vocabulary vocabulary = options.vocabulary_sample > 0 && options.gradients ? sampled(model, labels, options) : whole(model, labels);
    const at::Tensor head = options.bf16 ? vocabulary.head.to(at::kBFloat16) : vocabulary.head;
    at::Tensor head_gradient;
    bool fresh = false;  // head_gradient holds nothing yet
    if (options.gradients) {
        if (vocabulary.ids.defined()) {
            head_gradient = at::zeros_like(vocabulary.head);
        } else {
            at::Tensor& own = model.head().mutable_grad();
            fresh = !own.defined();
            if (fresh) own = hidden.size(0) > 0 ? at::empty_like(vocabulary.head) : at::zeros_like(vocabulary.head);
            head_gradient = own;
        }
    }

    HeadResult result;
    if (options.gradients) result.hidden_gradient = at::empty_like(hidden);
    const std::int64_t count = hidden.size(0);
    const std::int64_t chunk = loss.separable_by_token() ? options.chunk : count;
    for (std::int64_t begin = 0; begin < count; begin += chunk) {
        const std::int64_t end = std::min(count, begin + chunk);
        const at::Tensor states = options.bf16 ? hidden.slice(0, begin, end).to(at::kBFloat16) : hidden.slice(0, begin, end);
        LossInputs inputs{at::mm(states, head.t()), vocabulary.labels.slice(0, begin, end)};
        if (options.bf16) inputs.logits = inputs.logits.to(at::kFloat);
        if (vocabulary.correction.defined()) inputs.logits.add_(vocabulary.correction);
        if (!options.gradients) {
            const LossValue value = LOSSMITH_TRY(loss.evaluate(inputs));
            result.loss_sum += value.per_token.sum(at::kDouble).item<double>();
            for (const auto& [name, part] : value.parts) add_part(result.parts, name, part.sum(at::kDouble).item<double>());
            continue;
        }
        const LossGradient gradient = LOSSMITH_TRY(loss.with_gradient(std::move(inputs), options.weight));
        result.loss_sum += gradient.sum;
        for (const auto& [name, part] : gradient.parts) add_part(result.parts, name, part);
        if (options.bf16) {
            const at::Tensor at_logits = gradient.at_logits.to(at::kBFloat16);
            result.hidden_gradient.slice(0, begin, end).copy_(at::mm(at_logits, head));
            const at::Tensor at_head = at::mm(at_logits.t(), states);
            fresh ? head_gradient.copy_(at_head) : head_gradient.add_(at_head);
        } else {
            at::Tensor into = result.hidden_gradient.slice(0, begin, end);
            at::mm_out(into, gradient.at_logits, head);
            if (fresh)
                at::mm_out(head_gradient, gradient.at_logits.t(), states);
            else
                head_gradient.addmm_(gradient.at_logits.t(), states);
        }
        fresh = false;
    }
    if (options.gradients && vocabulary.ids.defined()) {
        at::Tensor& own = model.head().mutable_grad();
        if (!own.defined()) own = at::zeros_like(model.head());
        own.index_add_(0, vocabulary.ids, head_gradient);
    }
    return result;
}

}  // namespace lossmith::engine
