#include "core/engine/loss/check/LossTrials.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "core/data/Template.h"
#include "core/engine/loss/MadeUpBatch.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t few_tokens = 8;
constexpr double equal_within = 1e-4;
constexpr double agree_within = 1e-4;
constexpr std::int64_t most_differences = 6;

/// Value and gradient of the whole put together from micro-batches, each weighted as the trainer does.
struct PutTogether {
    double value = 0.0;
    at::Tensor gradient;
};

std::optional<PutTogether> in_micro_batches(const Loss& loss, const LossInputs& inputs, std::int64_t rows_each) {
    const double units = units_in(inputs, loss.unit());
    PutTogether result;
    std::vector<at::Tensor> gradients;
    for (std::int64_t begin = 0; begin < inputs.labels.size(0); begin += rows_each) {
        LossInputs part = stretch(inputs, begin, std::min(begin + rows_each, inputs.labels.size(0)));
        if ((part.labels != ignore_index).sum().item<std::int64_t>() == 0) {
            gradients.push_back(at::zeros_like(part.logits));
            continue;
        }
        part.logits = part.logits.clone();
        const auto gradient = loss.with_gradient(std::move(part), 1.0 / units);
        if (!gradient) return std::nullopt;
        result.value += gradient->sum / units;
        gradients.push_back(gradient->at_logits);
    }
    result.gradient = at::cat(gradients);
    return result;
}

void try_splitting(Json& report, const Loss& loss, const LossInputs& inputs) {
    const std::int64_t rows = inputs.labels.size(0);
    Json& split = report["split"];
    if (rows < 2) return;
    const auto whole = in_micro_batches(loss, inputs, rows);
    if (!whole) return;
    double difference = 0.0;
    for (const std::int64_t each : {(rows + 1) / 2, std::int64_t{1}}) {
        const auto parts = in_micro_batches(loss, inputs, each);
        if (!parts) {
            report["split_invariant"] = false;
            split["reason"] = "It does not run on fewer rows than the whole batch.";
            split["trainer_does"] = "Use one micro-batch a step: gradient_accumulation_steps 1.";
            return;
        }
        difference = std::max(difference, std::abs(parts->value - whole->value) / std::max(1e-6, std::abs(whole->value)));
        const double scale = std::max(1e-12, whole->gradient.abs().max().item<double>());
        difference = std::max(difference, (parts->gradient - whole->gradient).abs().max().item<double>() / scale);
    }
    split["difference"] = difference;
    report["split_invariant"] = difference < equal_within;
    if (difference < equal_within) {
        split["trainer_does"] =
            loss.unit() == LossUnit::Row ? "Each micro-batch counts by its rows." : "Each micro-batch counts by its labelled tokens.";
        return;
    }
    split["reason"] =
        "It is no mean over labelled tokens or rows: the value depends on which rows are looked at together (a sum, a mean over padding, a "
        "maximum or "
        "a quotient over the batch, or numbers drawn at random).";
    split["trainer_does"] =
        "The trainer weights each micro-batch by its labelled tokens all the same; with gradient_accumulation_steps 1 the loss is what is "
        "written here.";
}

std::int64_t place_in(const LossInputs& inputs, std::int64_t which) {
    const at::Tensor places = (inputs.labels.reshape({-1}) != ignore_index).nonzero().view(-1);
    return places[which % places.size(0)].item<std::int64_t>();
}

double value_in_double(const Loss& loss, const LossInputs& inputs) {
    const at::NoGradGuard no_graph;
    const auto value = loss.evaluate(inputs);
    return value ? value->sum.item<double>() : std::nan("");
}

/// (f(x + h) - f(x - h)) / 2h at the label's logit, the largest other one, and one in the middle of the vocabulary, of a few places.
void try_finite_differences(Json& report, const Loss& loss, const LossInputs& whole) {
    Json& answer = report["finite_differences"];
    LossInputs inputs = stretch(whole, 0, 1);
    for (at::Tensor* values : {&inputs.logits, &inputs.base_logits, &inputs.hidden_states})
        if (values->defined()) *values = values->to(at::kDouble);
    if (inputs.embeddings.defined()) inputs.embeddings = inputs.embeddings.to(at::kDouble);
    const std::int64_t labelled = (inputs.labels != ignore_index).sum().item<std::int64_t>();
    if (labelled == 0) return;
    LossInputs copy = inputs;
    copy.logits = inputs.logits.clone();
    const auto gradient = loss.with_gradient(std::move(copy), 1.0);
    if (!gradient) return;
    const at::Tensor analytic = gradient->at_logits.reshape({-1});
    if (value_in_double(loss, inputs) != value_in_double(loss, inputs)) {
        answer["reason"] = "Its value is not the same twice.";
        return;
    }
    const std::int64_t vocabulary = inputs.logits.size(-1);
    const at::Tensor moved = inputs.logits.clone().contiguous();
    LossInputs shifted = inputs;
    shifted.logits = moved;
    double* logits = moved.data_ptr<double>();
    const double scale = std::max(1e-9, analytic.abs().max().item<double>());
    double largest = 0.0;
    std::int64_t tried = 0;
    constexpr double nudge = 1e-4;
    for (std::int64_t which = 0; tried < most_differences; ++which) {
        const std::int64_t place = place_in(inputs, which);
        const std::int64_t label = inputs.labels.reshape({-1})[place].item<std::int64_t>();
        const std::int64_t top = inputs.logits.reshape({-1, vocabulary})[place].argmax().item<std::int64_t>();
        for (const std::int64_t token : {label, top, (vocabulary / 2 + which * 101) % vocabulary}) {
            if (tried == most_differences) break;
            const std::int64_t at = place * vocabulary + token;
            const double before = logits[at];
            logits[at] = before + nudge;
            const double above = value_in_double(loss, shifted);
            logits[at] = before - nudge;
            const double below = value_in_double(loss, shifted);
            logits[at] = before;
            largest = std::max(largest, std::abs((above - below) / (2 * nudge) - analytic[at].item<double>()) / scale);
            ++tried;
        }
    }
    answer["positions"] = tried;
    answer["largest_difference"] = std::isfinite(largest) ? Json(largest) : Json();
    answer["agree"] = std::isfinite(largest) && largest < agree_within;
    if (!(largest < agree_within))
        answer["reason"] =
            "The gradient is not the slope of the value: something in between was replaced (detach, straight-through, a derivative of "
            "one's own) or has a step.";
}

}  // namespace

CheckBatch small_batch(const CheckBatch& batch) {
    CheckBatch small;
    small.model = batch.model;
    const at::Tensor labelled = batch.inputs.labels != ignore_index;
    const std::int64_t tokens = batch.inputs.labels.size(1);
    std::int64_t first = tokens;
    std::int64_t last_begin = 0;
    for (std::int64_t row = 0; row < labelled.size(0); ++row) {
        const at::Tensor places = labelled[row].nonzero().view(-1);
        if (places.size(0) == 0) continue;
        first = std::min(first, places[0].item<std::int64_t>());
        last_begin = std::max(last_begin, places[0].item<std::int64_t>());
    }
    // Every row keeps some of its labels, and most rows a place without one before them.
    const std::int64_t begin = std::max<std::int64_t>(0, std::min(first, last_begin) - 1);
    const std::int64_t end = std::min(tokens, std::max(begin + few_tokens, last_begin + 3));
    const auto cut = [&](const at::Tensor& values) { return values.defined() ? values.slice(1, begin, end).contiguous() : values; };
    small.inputs = batch.inputs;
    small.inputs.logits = cut(batch.inputs.logits);
    small.inputs.labels = cut(batch.inputs.labels);
    small.inputs.base_logits = cut(batch.inputs.base_logits);
    small.inputs.hidden_states = cut(batch.inputs.hidden_states);
    small.inputs.input_ids = cut(batch.inputs.input_ids);
    small.inputs.attention_mask = cut(batch.inputs.attention_mask);
    return small;
}

void add_trials(Json& report, const Loss& loss, LossInputs inputs) {
    if (!loss.needs().base_logits) inputs.base_logits.reset();
    if (!loss.needs().hidden_states) inputs.hidden_states.reset();
    if (!loss.needs().embeddings) inputs.embeddings.reset();
    report["separable_by_token"] = loss.separable_by_token();
    try {
        try_splitting(report, loss, inputs);
        try_finite_differences(report, loss, inputs);
    } catch (const std::exception&) {
        // What failed here has been said of the whole batch, or says itself by the fields that stay empty.
    }
}

std::optional<at::Tensor> token_values(const Loss& loss, const LossInputs& rows,
                                       const std::vector<std::pair<std::string, at::Tensor>>& parts) {
    const at::NoGradGuard no_graph;
    const at::Tensor& labels = rows.labels;
    at::Tensor sum;
    for (const auto& [name, part] : parts) {
        const auto form = form_of(part, rows);
        if (!form || (*form != LossForm::PerToken && *form != LossForm::PerLabelled)) {
            sum.reset();
            break;
        }
        at::Tensor placed = at::zeros(labels.sizes(), at::kFloat);
        if (*form == LossForm::PerToken)
            placed = part.detach().to(at::kFloat).view(labels.sizes());
        else
            placed.masked_scatter_(labels != ignore_index, part.detach().to(at::kFloat));
        sum = sum.defined() ? sum + placed : placed;
    }
    if (sum.defined()) return sum;
    if (!loss.separable_by_token()) return std::nullopt;
    const LossInputs places = labelled_places(rows);
    at::Tensor values = at::zeros({places.labels.size(0)}, at::kFloat);
    for (std::int64_t i = 0; i < places.labels.size(0); ++i) {
        const auto value = loss.evaluate(stretch(places, i, i + 1));
        if (!value) return std::nullopt;
        values[i] = value->sum;
    }
    at::Tensor placed = at::zeros(labels.sizes(), at::kFloat);
    placed.masked_scatter_(labels != ignore_index, values);
    return placed;
}

}  // namespace lossmith::engine
