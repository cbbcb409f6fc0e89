#include "core/engine/inspection/Attribution.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "core/engine/inspection/Places.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t tokens_of_a_pass = 2048;

struct LossesAndGradients {
    at::Tensor losses;     // [rows]
    at::Tensor gradients;  // [rows, tokens, n_embd], of each row's own loss
};

/// The target's loss after the last token of each row of embeddings [rows, tokens, n_embd].
LossesAndGradients at_embeddings(const Gpt2& model, const at::Tensor& embeddings, TokenId target) {
    const at::AutoGradMode with_graph(true);
    const std::int64_t rows = embeddings.size(0);
    const std::int64_t tokens = embeddings.size(1);
    ForwardOptions options;
    options.embeddings = embeddings.detach().clone().requires_grad_(true);
    options.positions = at::arange(tokens - 1, rows * tokens, tokens, at::kLong);
    const at::Tensor hidden = model.hidden(at::zeros({rows, tokens}, at::kLong), options);
    const at::Tensor losses = -at::log_softmax(model.logits(hidden), -1).select(1, target);
    losses.sum().backward();
    return {losses.detach(), options.embeddings.grad()};
}

Attribution integrated(const Gpt2& model, const at::Tensor& embeddings, const AttributionRequest& request, Attribution result,
                       const CancellationToken& cancelled, bool& stopped) {
    const at::Tensor baseline = model.token_embedding().detach().mean(0).expand_as(embeddings);
    const at::Tensor way = embeddings - baseline;
    at::Tensor sum = at::zeros_like(embeddings);
    const std::int64_t rows = std::max<std::int64_t>(1, tokens_of_a_pass / embeddings.size(1));
    for (std::int64_t first = 0; first < request.steps; first += rows) {
        if (cancelled.is_cancelled()) {
            stopped = true;
            return result;
        }
        const std::int64_t last = std::min<std::int64_t>(request.steps, first + rows);
        const at::Tensor shares = (at::arange(first, last, at::kFloat) + 0.5) / request.steps;
        sum += at_embeddings(model, baseline + shares.view({-1, 1, 1}) * way, result.target).gradients.sum(0, true);
    }
    const at::Tensor scores = (way * sum / request.steps).sum(-1)[0].to(at::kDouble).contiguous();
    result.scores.assign(scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel());
    result.baseline_loss = at_embeddings(model, baseline, result.target).losses[0].item<double>();
    result.completeness_gap = scores.sum().item<double>() - (result.loss - *result.baseline_loss);
    return result;
}

}  // namespace

const char* name_of(AttributionMethod method) {
    return method == AttributionMethod::GradientTimesInput ? "gradient_x_input" : "integrated_gradients";
}

Result<AttributionMethod> attribution_method_named(const std::string& name) {
    for (const AttributionMethod method : {AttributionMethod::GradientTimesInput, AttributionMethod::IntegratedGradients})
        if (name == name_of(method)) return method;
    return failure(Error::bad_input("There is no method \"" + name + "\" of attribution.")
                       .with_hint("Choose gradient_x_input or integrated_gradients."));
}

Result<Attribution> attribute_loss(const Gpt2& model, const std::vector<TokenId>& ids, const AttributionRequest& request,
                                   const CancellationToken& cancelled) {
    const at::Tensor text = LOSSMITH_TRY(text_tensor(model, ids));
    LOSSMITH_CHECK(check_place(ids, request.place, true));
    if (request.target && (*request.target < 0 || *request.target >= model.config().vocab_size))
        return failure(Error::bad_input("Token " + std::to_string(*request.target) + " is not in the model's vocabulary of " +
                                        std::to_string(model.config().vocab_size) + "."));
    const at::Tensor before = text.slice(1, 0, request.place);
    Attribution result;
    result.place = request.place;
    result.method = request.method;
    if (request.target) {
        result.target = *request.target;
    } else if (static_cast<std::size_t>(request.place) < ids.size()) {
        result.target = ids[static_cast<std::size_t>(request.place)];
    } else {
        const at::NoGradGuard no_graph;
        const StatesOf last{model, model.hidden(before)[0].slice(0, request.place - 1)};
        LOSSMITH_CHECK(each_place({&last, 1}, [&](std::int64_t, std::span<const Distribution> sides) {
            result.target = sides.front().most_probable(1).front();
        }));
    }
    const at::Tensor embeddings = model.token_embedding().detach().index_select(0, before.view(-1)).unsqueeze(0);
    const LossesAndGradients here = at_embeddings(model, embeddings, result.target);
    result.loss = here.losses[0].item<double>();
    if (request.method == AttributionMethod::GradientTimesInput) {
        const at::Tensor scores = (embeddings * here.gradients).sum(-1)[0].to(at::kDouble).contiguous();
        result.scores.assign(scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel());
    } else {
        bool stopped = false;
        result = integrated(model, embeddings, request, std::move(result), cancelled, stopped);
        if (stopped) return failure(Error::cancelled());
    }
    if (!std::isfinite(result.loss) || !std::all_of(result.scores.begin(), result.scores.end(), [](double x) { return std::isfinite(x); }))
        return failure(Error::not_finite("The gradient of this loss is not finite, so it cannot be shared among the tokens.")
                           .with_hint("The model's weights are damaged, or its training diverged; choose an earlier checkpoint."));
    return result;
}

Json attribution_json(const Attribution& attribution, const Tokenizer& tokenizer) {
    Json answer = {{"place", attribution.place},
                   {"method", name_of(attribution.method)},
                   {"target", {{"id", attribution.target}, {"text", tokenizer.bytes_of(attribution.target)}}},
                   {"loss", attribution.loss},
                   {"scores", attribution.scores}};
    if (attribution.baseline_loss) answer["baseline_loss"] = *attribution.baseline_loss;
    if (attribution.completeness_gap) answer["completeness_gap"] = *attribution.completeness_gap;
    if (attribution.method == AttributionMethod::IntegratedGradients) answer["baseline"] = "mean_embedding";
    return answer;
}

}  // namespace lossmith::engine
