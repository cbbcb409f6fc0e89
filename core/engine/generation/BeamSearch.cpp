#include "core/engine/generation/BeamSearch.h"

#include <ATen/ops/log_softmax.h>

#include <algorithm>
#include <cmath>

#include "core/engine/generation/KeyValueCache.h"
#include "core/engine/generation/LogitsProcessors.h"

namespace lossmith::engine {
namespace {

struct Beam {
    std::vector<TokenId> ids;  // generated only
    double log_probability = 0.0;
};

struct Candidate {
    std::size_t beam;
    TokenId token;
    double log_probability;
};

struct Ended {
    std::vector<TokenId> ids;
    double score;
};

/// The `wanted` best continuations over all beams.
std::vector<Candidate> best_continuations(const std::vector<Beam>& beams, const std::vector<TokenId>& prompt, const at::Tensor& logits,
                                          const SamplingConfig& config, std::size_t wanted) {
    const at::Tensor log_probabilities = at::log_softmax(logits, -1).contiguous();
    const auto width = static_cast<std::size_t>(logits.size(1));
    std::vector<Candidate> best;
    for (std::size_t beam = 0; beam < beams.size(); ++beam) {
        std::span<float> row(log_probabilities.data_ptr<float>() + beam * width, width);
        std::vector<TokenId> history = prompt;
        history.insert(history.end(), beams[beam].ids.begin(), beams[beam].ids.end());
        apply_history_rules(row, history, config);
        for (std::size_t token = 0; token < width; ++token)
            best.push_back({beam, static_cast<TokenId>(token), beams[beam].log_probability + static_cast<double>(row[token])});
        const std::size_t kept = std::min(wanted, best.size());
        std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(kept), best.end(),
                          [](const Candidate& a, const Candidate& b) {
                              if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
                              return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
                          });
        best.resize(kept);
    }
    return best;
}

}  // namespace

Result<std::vector<TokenId>> beam_search(const StepWeights& weights, const std::vector<TokenId>& prompt, const SamplingConfig& config,
                                         std::int64_t most_tokens, const CancellationToken& cancelled) {
    const auto count = static_cast<std::size_t>(std::max(1, config.num_beams));
    const auto end_token = config.stop_at_end_token ? weights.model().config().eos_token_id.value_or(-1) : -1;
    KeyValueCache cache(weights, count, static_cast<std::int64_t>(prompt.size()) + most_tokens);
    at::Tensor logits = cache.read_prompts({&prompt, 1});
    std::vector<Beam> beams(1);
    std::vector<Ended> ended;
    const auto score = [&](double log_probability, std::size_t length) {
        return log_probability / std::pow(static_cast<double>(length), config.length_penalty);
    };
    const auto keep_best_ended = [&] {
        std::stable_sort(ended.begin(), ended.end(), [](const Ended& a, const Ended& b) { return a.score > b.score; });
        if (ended.size() > count) ended.resize(count);
    };

    for (std::int64_t step = 0; step < most_tokens; ++step) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const auto candidates = best_continuations(beams, prompt, logits, config, 2 * count);
        std::vector<Beam> next;
        std::vector<std::int64_t> sources;
        std::vector<TokenId> tokens;
        for (std::size_t rank = 0; rank < candidates.size() && next.size() < count; ++rank) {
            const Candidate& candidate = candidates[rank];
            std::vector<TokenId> ids = beams[candidate.beam].ids;
            ids.push_back(candidate.token);
            if (candidate.token == end_token) {
                if (rank < count) ended.push_back({ids, score(candidate.log_probability, ids.size())});
                continue;
            }
            next.push_back({std::move(ids), candidate.log_probability});
            sources.push_back(static_cast<std::int64_t>(candidate.beam));
            tokens.push_back(candidate.token);
        }
        keep_best_ended();
        if (next.empty()) break;
        beams = std::move(next);
        if (ended.size() >= count && ended.back().score >= score(beams.front().log_probability, beams.front().ids.size())) break;
        if (step + 1 == most_tokens) break;
        cache.keep(sources);
        logits = cache.step(tokens);
    }
    for (const Beam& beam : beams)
        if (!beam.ids.empty()) ended.push_back({beam.ids, score(beam.log_probability, beam.ids.size())});
    keep_best_ended();
    return ended.empty() ? std::vector<TokenId>{} : ended.front().ids;
}

}  // namespace lossmith::engine
