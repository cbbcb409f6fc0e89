#include "core/engine/inspection/LogitLens.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/layer_norm.h>

#include "core/engine/inspection/Places.h"

namespace lossmith::engine {

Result<std::vector<LensLayer>> logit_lens(const Gpt2& model, const std::vector<TokenId>& ids, int top_k,
                                          const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const at::Tensor text = LOSSMITH_TRY(text_tensor(model, ids));
    std::vector<at::Tensor> states;
    ForwardOptions options;
    options.hidden_states = &states;
    static_cast<void>(model.hidden(text, options));

    std::vector<LensLayer> layers;
    for (std::size_t at = 0; at < states.size(); ++at) {
        at::Tensor normed = states[at][0];
        // The last of them has come through ln_f already.
        if (at + 1 < states.size())
            normed = at::layer_norm(normed, {normed.size(1)}, model.final_norm_weight(), model.final_norm_bias(),
                                    model.config().layer_norm_epsilon);
        LensLayer layer{at == 0 ? "embeddings" : "block " + std::to_string(at), std::vector<LensToken>(ids.size())};
        const StatesOf side{model, normed};
        const auto look = [&](std::int64_t place, std::span<const Distribution> sides) {
            const auto position = static_cast<std::size_t>(place);
            LensToken& token = layer.tokens[position];
            token.top = most_probable(sides.front(), top_k);
            token.entropy = sides.front().entropy();
            if (position + 1 == ids.size()) return;
            token.probability = sides.front().probability(ids[position + 1]);
            token.rank = sides.front().rank(ids[position + 1]);
        };
        LOSSMITH_CHECK(each_place({&side, 1}, look, cancelled));
        layers.push_back(std::move(layer));
    }
    return layers;
}

Json lens_json(const std::vector<LensLayer>& layers, const Tokenizer& tokenizer) {
    Json all = Json::array();
    for (const LensLayer& layer : layers) {
        Json tokens = Json::array();
        for (const LensToken& token : layer.tokens) {
            Json top = Json::array();
            for (const Alternative& one : token.top)
                top.push_back({{"id", one.id}, {"text", tokenizer.bytes_of(one.id)}, {"probability", one.probability}});
            tokens.push_back({{"top", std::move(top)},
                              {"probability", token.probability ? Json(*token.probability) : Json()},
                              {"rank", token.rank ? Json(*token.rank) : Json()},
                              {"entropy", token.entropy}});
        }
        all.push_back({{"name", layer.name}, {"tokens", std::move(tokens)}});
    }
    return {{"layers", std::move(all)}};
}

}  // namespace lossmith::engine
