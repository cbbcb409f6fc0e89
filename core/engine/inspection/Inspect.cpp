#include "core/engine/inspection/Inspect.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>

#include <algorithm>
#include <cmath>

namespace lossmith::engine {
namespace {

std::vector<Alternative> most_probable(const at::Tensor& logits, const at::Tensor& log_probabilities, int top_k) {
    std::vector<Alternative> all;
    const std::int64_t count = std::min<std::int64_t>(std::max(0, top_k), logits.numel());
    if (count == 0) return all;
    const auto [values, ids] = at::topk(logits, count);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t id = ids[i].item<std::int64_t>();
        all.push_back({static_cast<TokenId>(id), values[i].item<double>(), std::exp(log_probabilities[id].item<double>())});
    }
    return all;
}

Json alternatives_json(const std::vector<Alternative>& alternatives, const Tokenizer& tokenizer) {
    Json all = Json::array();
    for (const Alternative& one : alternatives)
        all.push_back({{"id", one.id}, {"text", tokenizer.bytes_of(one.id)}, {"logit", one.logit}, {"probability", one.probability}});
    return all;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

}  // namespace

Result<Inspection> inspect(const Gpt2& model, const std::vector<TokenId>& ids, int top_k) {
    if (ids.empty()) return failure(Error::bad_input("There is no text to look at.").with_hint("Type some text."));
    if (static_cast<std::int64_t>(ids.size()) > model.config().n_positions)
        return failure(Error::bad_input("The text has " + std::to_string(ids.size()) + " tokens; this model reads at most " +
                                        std::to_string(model.config().n_positions) + ".")
                           .with_hint("Shorten the text."));
    for (const TokenId id : ids)
        if (id < 0 || id >= model.config().vocab_size)
            return failure(Error::bad_input("Token " + std::to_string(id) + " is not in the model's vocabulary of " +
                                            std::to_string(model.config().vocab_size) + "."));
    const at::NoGradGuard no_graph;
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    Inspection result;
    result.logits = model.logits(model.hidden(at::tensor(wide, at::kLong).unsqueeze(0)))[0].contiguous();
    for (std::size_t t = 0; t < ids.size(); ++t) {
        InspectedToken token;
        token.id = ids[t];
        if (t > 0) {
            const at::Tensor logits = result.logits[static_cast<std::int64_t>(t) - 1];
            const at::Tensor log_probabilities = at::log_softmax(logits.to(at::kDouble), -1);
            const double log_probability = log_probabilities[ids[t]].item<double>();
            const at::Tensor own = logits[ids[t]];
            const auto above = (logits > own).sum().item<std::int64_t>() + (logits.slice(0, 0, ids[t]) == own).sum().item<std::int64_t>();
            token.probability = std::exp(log_probability);
            token.loss = -log_probability;
            token.rank = 1 + above;
            token.entropy = -(log_probabilities.exp() * log_probabilities).sum().item<double>();
            token.top = most_probable(logits, log_probabilities, top_k);
        }
        result.tokens.push_back(std::move(token));
    }
    const at::Tensor last = result.logits[static_cast<std::int64_t>(ids.size()) - 1];
    result.next = most_probable(last, at::log_softmax(last.to(at::kDouble), -1), top_k);
    return result;
}

Json inspection_json(const Inspection& inspection, const Tokenizer& tokenizer) {
    Json tokens = Json::array();
    for (const InspectedToken& token : inspection.tokens)
        tokens.push_back({{"id", token.id},
                          {"text", tokenizer.bytes_of(token.id)},
                          {"probability", or_null(token.probability)},
                          {"rank", or_null(token.rank)},
                          {"entropy", or_null(token.entropy)},
                          {"loss", or_null(token.loss)},
                          {"top", alternatives_json(token.top, tokenizer)}});
    return {{"tokens", tokens}, {"next", alternatives_json(inspection.next, tokenizer)}};
}

}  // namespace lossmith::engine
