#include "core/engine/inspection/Odds.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/engine/inspection/Places.h"
#include "core/engine/training/MicroBatch.h"

namespace lossmith::engine {
namespace {

constexpr int rows_at_once = 4;
constexpr double least_float = 1e-38;  // a probability that underflowed is not none

/// Each thread's own sums of probabilities over the vocabulary, under base and tuned.
class ProbabilitySums {
public:
    explicit ProbabilitySums(std::size_t vocabulary)
        : m_vocabulary(vocabulary), m_sums(static_cast<std::size_t>(at::get_num_threads()) * 2 * vocabulary) {}

    void add(std::span<const Distribution> sides) {
        for (std::size_t side = 0; side < 2; ++side) sides[side].add_to(part(static_cast<std::size_t>(at::get_thread_num()), side));
    }

    [[nodiscard]] double sum(std::size_t side, std::size_t id) {
        double total = 0.0;
        for (std::size_t thread = 0; thread * 2 * m_vocabulary < m_sums.size(); ++thread) total += part(thread, side)[id];
        return total;
    }

private:
    [[nodiscard]] std::span<double> part(std::size_t thread, std::size_t side) {
        return std::span(m_sums).subspan((thread * 2 + side) * m_vocabulary, m_vocabulary);
    }

    std::size_t m_vocabulary;
    std::vector<double> m_sums;
};

double log_odds(double probability) {
    return std::log(probability) - std::log1p(-std::min(probability, 1.0 - 1e-12));
}

Json tokens_json(const std::vector<TokenOdds>& tokens, const Tokenizer& tokenizer) {
    Json all = Json::array();
    for (const TokenOdds& token : tokens)
        all.push_back({{"id", token.id},
                       {"text", tokenizer.bytes_of(token.id)},
                       {"base_log_probability", token.base_log_probability},
                       {"tuned_log_probability", token.tuned_log_probability},
                       {"change", token.change},
                       {"count", token.count}});
    return all;
}

}  // namespace

Result<Odds> changed_odds(const ModelPair& pair, const std::vector<Example>& examples, const OddsRequest& request,
                          const ProgressSink& progress, const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const auto vocabulary = static_cast<std::size_t>(pair.base.config().vocab_size);
    ProbabilitySums sums(vocabulary);
    std::vector<std::int64_t> counts(vocabulary);
    Odds odds;
    for (const std::vector<std::size_t>& rows : longest_first(examples, rows_at_once)) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const MicroBatch batch = make_micro_batch(examples, rows, 0);
        odds.rows += static_cast<std::int64_t>(rows.size());
        odds.tokens += batch.real_tokens;
        odds.places += batch.labels.numel();
        for (std::int64_t i = 0; i < batch.labels.numel(); ++i)
            ++counts[static_cast<std::size_t>(batch.labels.data_ptr<std::int64_t>()[i])];
        if (batch.labels.numel() > 0) {
            ForwardOptions options;
            options.positions = batch.positions;
            const std::array<StatesOf, 2> sides = {StatesOf{pair.base, pair.base.hidden(batch.input_ids, options)},
                                                   StatesOf{pair.tuned, pair.tuned.hidden(batch.input_ids, options)}};
            LOSSMITH_CHECK(each_place(sides, [&sums](std::int64_t, std::span<const Distribution> at) { sums.add(at); }, cancelled));
        }
        if (progress) progress({"reading rows", odds.rows, static_cast<std::int64_t>(examples.size())});
    }
    if (odds.places == 0)
        return failure(
            Error::bad_input("None of these rows has a labelled token.").with_hint("Look at the template's labels, or at other rows."));

    std::vector<TokenOdds> tokens;
    for (std::size_t id = 0; id < vocabulary; ++id) {
        const double base = std::max(least_float, sums.sum(0, id) / static_cast<double>(odds.places));
        const double tuned = std::max(least_float, sums.sum(1, id) / static_cast<double>(odds.places));
        if (std::max(base, tuned) < request.least_probability) continue;
        tokens.push_back({static_cast<TokenId>(id), std::log(base), std::log(tuned), log_odds(tuned) - log_odds(base), counts[id]});
    }
    std::stable_sort(tokens.begin(), tokens.end(), [](const TokenOdds& a, const TokenOdds& b) { return a.change > b.change; });
    const auto kept = static_cast<std::size_t>(std::max(0, request.top_k));
    for (auto token = tokens.begin(); token != tokens.end() && token->change > 0.0 && odds.risen.size() < kept; ++token)
        odds.risen.push_back(*token);
    for (auto token = tokens.rbegin(); token != tokens.rend() && token->change < 0.0 && odds.fallen.size() < kept; ++token)
        odds.fallen.push_back(*token);
    return odds;
}

Json odds_json(const Odds& odds, const Tokenizer& tokenizer) {
    return {{"rows", odds.rows},
            {"tokens_seen", odds.tokens},
            {"places", odds.places},
            {"risen", tokens_json(odds.risen, tokenizer)},
            {"fallen", tokens_json(odds.fallen, tokenizer)}};
}

}  // namespace lossmith::engine
