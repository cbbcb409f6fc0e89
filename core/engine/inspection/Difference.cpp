#include "core/engine/inspection/Difference.h"

#include <ATen/core/grad_mode.h>

#include <array>

#include "core/engine/inspection/Places.h"

namespace lossmith::engine {

Result<Difference> inspect_difference(const ModelPair& pair, const std::vector<TokenId>& ids, int top_k,
                                      const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const at::Tensor text = LOSSMITH_TRY(text_tensor(pair.base, ids));
    LOSSMITH_CHECK(text_tensor(pair.tuned, ids));
    Difference result;
    for (const TokenId id : ids) result.tokens.push_back({id, {}, {}, 0.0});
    const std::array<StatesOf, 2> sides = {StatesOf{pair.base, pair.base.hidden(text)[0]},
                                           StatesOf{pair.tuned, pair.tuned.hidden(text)[0]}};
    const auto look = [&](std::int64_t place, std::span<const Distribution> at) {
        const auto next = static_cast<std::size_t>(place) + 1;
        const double divergence = at[1].divergence_from(at[0]);
        if (next < ids.size()) {
            result.tokens[next].base = prediction_of(ids[next], at[0], top_k);
            result.tokens[next].tuned = prediction_of(ids[next], at[1], top_k);
            result.tokens[next].divergence = divergence;
        } else {
            result.next_of_base = most_probable(at[0], top_k);
            result.next_of_tuned = most_probable(at[1], top_k);
            result.next_divergence = divergence;
        }
    };
    LOSSMITH_CHECK(each_place(sides, look, cancelled));
    return result;
}

Json difference_json(const Difference& difference, const Tokenizer& tokenizer) {
    Json tokens = Json::array();
    for (const TokenDifference& token : difference.tokens) {
        const bool predicted = token.base && token.tuned;
        tokens.push_back({{"id", token.id},
                          {"text", tokenizer.bytes_of(token.id)},
                          {"base", prediction_json(token.base, tokenizer)},
                          {"tuned", prediction_json(token.tuned, tokenizer)},
                          {"kl", predicted ? Json(token.divergence) : Json()},
                          {"probability_change", predicted ? Json(token.tuned->probability - token.base->probability) : Json()},
                          {"rank_change", predicted ? Json(token.tuned->rank - token.base->rank) : Json()}});
    }
    return {{"tokens", std::move(tokens)},
            {"next",
             {{"base", alternatives_json(difference.next_of_base, tokenizer)},
              {"tuned", alternatives_json(difference.next_of_tuned, tokenizer)},
              {"kl", difference.next_divergence}}}};
}

}  // namespace lossmith::engine
