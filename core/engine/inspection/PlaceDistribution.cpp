#include "core/engine/inspection/PlaceDistribution.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/engine/generation/LogitsProcessors.h"
#include "core/engine/inspection/Places.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t most_found = 50;

/// Tokens by how well their text matches, each kind by probability.
std::vector<TokenId> tokens_with(const std::string& text, const Tokenizer& tokenizer, std::span<const float> logits) {
    std::array<std::vector<TokenId>, 3> kinds;  // equal, beginning, holding
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const std::string_view bytes = tokenizer.bytes_of(static_cast<TokenId>(id));
        const auto at = bytes.find(text);
        if (at == std::string_view::npos) continue;
        kinds[bytes.size() == text.size() ? 0 : at == 0 ? 1 : 2].push_back(static_cast<TokenId>(id));
    }
    std::vector<TokenId> found;
    for (std::vector<TokenId>& kind : kinds) {
        std::stable_sort(kind.begin(), kind.end(),
                         [&](TokenId a, TokenId b) { return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)]; });
        found.insert(found.end(), kind.begin(), kind.end());
    }
    if (found.size() > most_found) found.resize(most_found);
    return found;
}

/// The filters applied one after another to a copy of the logits, and what each leaves.
class Filtering {
public:
    Filtering(const Distribution& plain, std::span<const TokenId> history, const SamplingConfig& config)
        : m_plain(plain), m_logits(plain.logits().begin(), plain.logits().end()), m_history(history), m_config(config) {
        apply(history_rules());
        if (config.do_sample)
            apply(sampling_filters());
        else if (config.num_beams == 1)
            keep_the_most_probable();
    }

    [[nodiscard]] const std::vector<FilterStep>& steps() const { return m_steps; }
    [[nodiscard]] std::vector<float> probabilities() const { return softmax(m_logits); }

private:
    void apply(std::span<const LogitsFilter> filters) {
        for (const LogitsFilter& filter : filters) {
            if (!filter.is_on(m_config)) continue;
            filter.apply(m_logits, m_history, m_config);
            note(filter.name);
        }
    }

    void keep_the_most_probable() {
        const auto best = std::max_element(m_logits.begin(), m_logits.end());
        for (auto logit = m_logits.begin(); logit != m_logits.end(); ++logit)
            if (logit != best) *logit = -INFINITY;
        note("greedy");
    }

    void note(const char* name) {
        FilterStep step{name, 0, 0.0};
        for (std::size_t id = 0; id < m_logits.size(); ++id) {
            if (std::isinf(m_logits[id])) continue;
            ++step.kept;
            step.mass += m_plain.probability(static_cast<TokenId>(id));
        }
        m_steps.push_back(std::move(step));
    }

    const Distribution& m_plain;
    std::vector<float> m_logits;
    std::span<const TokenId> m_history;
    const SamplingConfig& m_config;
    std::vector<FilterStep> m_steps;
};

PlaceDistribution told_of(const Distribution& plain, const Tokenizer& tokenizer, std::span<const TokenId> history,
                          const PlaceRequest& request) {
    PlaceDistribution told;
    told.place = request.place;
    std::vector<float> after;
    if (request.sampling) {
        const Filtering filtering(plain, history, *request.sampling);
        told.filters = filtering.steps();
        after = filtering.probabilities();
    }
    const auto placed = [&](TokenId id) -> PlacedToken {
        const double probability = plain.probability(id);
        return {id,
                plain.logit(id),
                probability,
                plain.log_probability(id),
                plain.rank(id),
                after.empty() ? probability : static_cast<double>(after[static_cast<std::size_t>(id)])};
    };
    for (const TokenId id : plain.most_probable(request.top_k)) told.top.push_back(placed(id));
    for (const TokenId id : request.also) told.also.push_back(placed(id));
    if (!request.find.empty())
        for (const TokenId id : tokens_with(request.find, tokenizer, plain.logits())) told.found.push_back(placed(id));
    const auto [least, largest] = std::minmax_element(plain.logits().begin(), plain.logits().end());
    told.least_logit = static_cast<double>(*least);
    told.largest_logit = static_cast<double>(*largest);
    for (const float logit : plain.logits()) told.mean_logit += static_cast<double>(logit);
    told.mean_logit /= static_cast<double>(plain.logits().size());
    told.log_sum_exp = plain.log_sum_exp();
    told.entropy = plain.entropy();
    return told;
}

Json placed_json(const std::vector<PlacedToken>& tokens, const Tokenizer& tokenizer) {
    Json all = Json::array();
    for (const PlacedToken& token : tokens)
        all.push_back({{"id", token.id},
                       {"text", tokenizer.bytes_of(token.id)},
                       {"logit", token.logit},
                       {"probability", token.probability},
                       {"log_probability", token.log_probability},
                       {"rank", token.rank},
                       {"after", token.after}});
    return all;
}

}  // namespace

Result<PlaceDistribution> inspect_place(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<TokenId>& ids,
                                        const PlaceRequest& request, const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const at::Tensor text = LOSSMITH_TRY(text_tensor(model, ids));
    LOSSMITH_CHECK(check_place(ids, request.place, true));
    if (request.sampling)
        if (auto wrong = request.sampling->validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    for (const TokenId id : request.also)
        if (id < 0 || id >= model.config().vocab_size)
            return failure(Error::bad_input("The vocabulary has no token " + std::to_string(id) + "."));
    const at::Tensor states = model.hidden(text.slice(1, 0, request.place))[0];
    const StatesOf last{model, states.slice(0, request.place - 1)};
    PlaceDistribution told;
    const auto look = [&](std::int64_t, std::span<const Distribution> sides) {
        told = told_of(sides.front(), tokenizer, std::span(ids).first(static_cast<std::size_t>(request.place)), request);
    };
    LOSSMITH_CHECK(each_place({&last, 1}, look, cancelled));
    return told;
}

Json place_json(const PlaceDistribution& place, const Tokenizer& tokenizer) {
    Json filters = Json::array();
    for (const FilterStep& step : place.filters) filters.push_back({{"name", step.name}, {"kept", step.kept}, {"mass", step.mass}});
    return {{"place", place.place},
            {"top", placed_json(place.top, tokenizer)},
            {"filters", std::move(filters)},
            {"logits",
             {{"min", place.least_logit}, {"max", place.largest_logit}, {"mean", place.mean_logit}, {"log_sum_exp", place.log_sum_exp}}},
            {"entropy", place.entropy},
            {"found", placed_json(place.found, tokenizer)},
            {"also", placed_json(place.also, tokenizer)}};
}

}  // namespace lossmith::engine
