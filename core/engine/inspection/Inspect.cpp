#include "core/engine/inspection/Inspect.h"

#include <ATen/core/grad_mode.h>

#include "core/engine/inspection/Places.h"

namespace lossmith::engine {

std::vector<Alternative> most_probable(const Distribution& distribution, int top_k) {
    std::vector<Alternative> all;
    for (const TokenId id : distribution.most_probable(top_k)) all.push_back({id, distribution.logit(id), distribution.probability(id)});
    return all;
}

Prediction prediction_of(TokenId id, const Distribution& distribution, int top_k) {
    return {distribution.probability(id), distribution.log_probability(id), distribution.logit(id),
            distribution.rank(id),        distribution.entropy(),           most_probable(distribution, top_k)};
}

Result<Inspection> inspect(const Gpt2& model, const std::vector<TokenId>& ids, int top_k, const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const at::Tensor text = LOSSMITH_TRY(text_tensor(model, ids));
    Inspection result;
    for (const TokenId id : ids) result.tokens.push_back({id, {}});
    const StatesOf states{model, model.hidden(text)[0]};
    const auto look = [&](std::int64_t place, std::span<const Distribution> sides) {
        const auto next = static_cast<std::size_t>(place) + 1;
        if (next < ids.size())
            result.tokens[next].prediction = prediction_of(ids[next], sides.front(), top_k);
        else
            result.next = most_probable(sides.front(), top_k);
    };
    LOSSMITH_CHECK(each_place({&states, 1}, look, cancelled));
    return result;
}

Result<at::Tensor> text_logits(const Gpt2& model, const std::vector<TokenId>& ids) {
    const at::NoGradGuard no_graph;
    const at::Tensor text = LOSSMITH_TRY(text_tensor(model, ids));
    return model.logits(model.hidden(text))[0].cpu().contiguous();
}

Json alternatives_json(const std::vector<Alternative>& alternatives, const Tokenizer& tokenizer) {
    Json all = Json::array();
    for (const Alternative& one : alternatives)
        all.push_back({{"id", one.id}, {"text", tokenizer.bytes_of(one.id)}, {"logit", one.logit}, {"probability", one.probability}});
    return all;
}

Json prediction_json(const std::optional<Prediction>& prediction, const Tokenizer& tokenizer) {
    if (!prediction)
        return {{"probability", nullptr}, {"log_probability", nullptr}, {"logit", nullptr}, {"rank", nullptr}, {"entropy", nullptr},
                {"loss", nullptr},        {"top", Json::array()}};
    return {{"probability", prediction->probability},
            {"log_probability", prediction->log_probability},
            {"logit", prediction->logit},
            {"rank", prediction->rank},
            {"entropy", prediction->entropy},
            {"loss", -prediction->log_probability},
            {"top", alternatives_json(prediction->top, tokenizer)}};
}

Json inspection_json(const Inspection& inspection, const Tokenizer& tokenizer) {
    Json tokens = Json::array();
    for (const InspectedToken& token : inspection.tokens) {
        Json one = prediction_json(token.prediction, tokenizer);
        one["id"] = token.id;
        one["text"] = tokenizer.bytes_of(token.id);
        tokens.push_back(std::move(one));
    }
    return {{"tokens", std::move(tokens)}, {"next", alternatives_json(inspection.next, tokenizer)}};
}

}  // namespace lossmith::engine
