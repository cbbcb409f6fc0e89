#include "core/engine/loss/MadeUpBatch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <optional>

#include "core/data/Template.h"

namespace lossmith::engine {
namespace {

constexpr double close_enough = 1e-4;

at::Tensor each(const at::Tensor& values, const auto& change) {
    return values.defined() ? change(values) : values;
}

LossInputs changed(const LossInputs& inputs, const auto& change) {
    LossInputs result = inputs;
    for (at::Tensor* values :
         {&result.logits, &result.labels, &result.base_logits, &result.hidden_states, &result.input_ids, &result.attention_mask})
        *values = each(*values, change);
    return result;
}

struct Answer {
    double sum = 0.0;
    at::Tensor at_logits;  // of the labelled places
};

std::optional<Answer> answer_of(const Loss& loss, const LossInputs& inputs, const at::Tensor& places) {
    LossInputs copy = inputs;
    copy.logits = inputs.logits.clone();
    auto gradient = loss.with_gradient(std::move(copy), 1.0);
    if (!gradient || !std::isfinite(gradient->sum)) return std::nullopt;
    at::Tensor flat = gradient->at_logits.reshape({-1, gradient->at_logits.size(-1)});
    if (places.defined()) {
        const at::Tensor elsewhere = flat.index_fill(0, places, 0.0);
        if (elsewhere.abs().max().item<double>() > 0.0) return std::nullopt;  // places without a label count too
        flat = flat.index_select(0, places);
    }
    return Answer{gradient->sum, flat};
}

bool same(const Answer& a, const Answer& b) {
    const double values = std::abs(a.sum - b.sum) / std::max(1e-6, std::abs(a.sum));
    const double scale = a.at_logits.abs().max().item<double>();
    const double gradients = (a.at_logits - b.at_logits).abs().max().item<double>();
    return values < close_enough && gradients <= close_enough * scale;
}

at::Tensor labelled_indices(const LossInputs& rows) {
    return (rows.labels.reshape({-1}) != ignore_index).nonzero().view(-1);
}

}  // namespace

LossInputs made_up_rows(const LossSetting& setting, const LossNeeds& needs) {
    const at::NoGradGuard no_graph;
    const std::int64_t vocabulary = std::max<std::int64_t>(setting.vocabulary, 8);
    const std::int64_t width = std::max<std::int64_t>(setting.n_embd, 4);
    at::Generator random = at::detail::createCPUGenerator(7);
    const auto normal = [&](at::IntArrayRef sizes) { return at::randn(sizes, random, at::TensorOptions(at::kFloat)); };
    LossInputs rows;
    rows.logits = normal({2, 7, vocabulary}) * 3.0 - 60.0;
    rows.labels = at::randint(0, vocabulary, {2, 7}, random, at::TensorOptions(at::kLong));
    rows.labels[0].slice(0, 0, 2).fill_(ignore_index);
    rows.labels[1].slice(0, 0, 2).fill_(ignore_index);
    rows.labels[1].slice(0, 6, 7).fill_(ignore_index);
    rows.input_ids = at::randint(0, vocabulary, {2, 7}, random, at::TensorOptions(at::kLong));
    rows.attention_mask = at::ones({2, 7}, at::kLong);
    rows.attention_mask[1].slice(0, 6, 7).fill_(0);
    if (needs.base_logits) rows.base_logits = rows.logits + normal({2, 7, vocabulary});
    if (needs.hidden_states) rows.hidden_states = normal({2, 7, width});
    if (needs.embeddings) rows.embeddings = normal({vocabulary, width}) * 0.1;
    return rows;
}

LossInputs labelled_places(const LossInputs& rows) {
    const at::Tensor places = labelled_indices(rows);
    return changed(rows, [&](const at::Tensor& values) {
        const at::Tensor flat = values.dim() == 3 ? values.reshape({-1, values.size(-1)}) : values.reshape({-1});
        return flat.index_select(0, places);
    });
}

LossInputs stretch(const LossInputs& inputs, std::int64_t begin, std::int64_t end) {
    return changed(inputs, [&](const at::Tensor& values) { return values.slice(0, begin, end); });
}

bool gives_the_same_by_token(const Loss& loss, const LossInputs& rows) {
    const at::Tensor indices = labelled_indices(rows);
    const LossInputs places = labelled_places(rows);
    const std::int64_t count = places.labels.size(0);
    const std::int64_t cut = std::max<std::int64_t>(1, count / 3);
    if (count < 2) return false;
    const auto whole = answer_of(loss, rows, indices);
    if (!whole) return false;
    const auto alone = answer_of(loss, places, {});
    if (!alone || !same(*whole, *alone)) return false;
    const auto first = answer_of(loss, stretch(places, 0, cut), {});
    const auto second = answer_of(loss, stretch(places, cut, count), {});
    if (!first || !second) return false;
    return same(*whole, Answer{first->sum + second->sum, at::cat({first->at_logits, second->at_logits})});
}

}  // namespace lossmith::engine
