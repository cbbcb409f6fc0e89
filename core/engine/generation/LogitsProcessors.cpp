#include "core/engine/generation/LogitsProcessors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lossmith::engine {
namespace {

constexpr float hidden = -std::numeric_limits<float>::infinity();

/// Indices of the tokens that are not hidden, most probable first; equal ones by id.
std::vector<std::size_t> by_probability(std::span<const float> logits) {
    std::vector<std::size_t> order;
    order.reserve(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i)
        if (logits[i] != hidden) order.push_back(i);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
    return order;
}

}  // namespace

std::vector<float> softmax(std::span<const float> logits) {
    const float maximum = logits.empty() ? 0.0F : *std::max_element(logits.begin(), logits.end());
    std::vector<float> probabilities(logits.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        probabilities[i] = logits[i] == hidden ? 0.0F : std::exp(logits[i] - maximum);
        sum += static_cast<double>(probabilities[i]);
    }
    const auto inverse = static_cast<float>(1.0 / sum);
    for (float& probability : probabilities) probability *= inverse;
    return probabilities;
}

void apply_repetition_penalty(std::span<float> logits, std::span<const TokenId> history, double penalty) {
    if (penalty == 1.0) return;
    std::vector<TokenId> seen(history.begin(), history.end());
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    const auto factor = static_cast<float>(penalty);
    for (const TokenId id : seen) {
        if (id < 0 || static_cast<std::size_t>(id) >= logits.size()) continue;
        float& logit = logits[static_cast<std::size_t>(id)];
        logit = logit < 0.0F ? logit * factor : logit / factor;
    }
}

void apply_no_repeat_ngram(std::span<float> logits, std::span<const TokenId> history, int size) {
    const auto n = static_cast<std::size_t>(size);
    if (size <= 0 || history.size() + 1 < n) return;
    const auto tail = history.subspan(history.size() - (n - 1));
    for (std::size_t begin = 0; begin + n <= history.size(); ++begin)
        if (std::equal(tail.begin(), tail.end(), history.begin() + static_cast<std::ptrdiff_t>(begin))) {
            const TokenId next = history[begin + n - 1];
            if (next >= 0 && static_cast<std::size_t>(next) < logits.size()) logits[static_cast<std::size_t>(next)] = hidden;
        }
}

void apply_temperature(std::span<float> logits, double temperature) {
    if (temperature == 1.0) return;
    for (float& logit : logits) logit = static_cast<float>(static_cast<double>(logit) / temperature);
}

void apply_top_k(std::span<float> logits, int k) {
    const auto keep = static_cast<std::size_t>(k);
    if (k <= 0 || keep >= logits.size()) return;
    std::vector<float> sorted(logits.begin(), logits.end());
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(keep - 1), sorted.end(), std::greater<>());
    const float least = sorted[keep - 1];
    for (float& logit : logits)
        if (logit < least) logit = hidden;
}

void apply_top_p(std::span<float> logits, double p) {
    if (p >= 1.0) return;
    const auto probabilities = softmax(logits);
    const auto order = by_probability(logits);
    double before = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        // transformers drops, from the least probable up, what sums to no more than 1 - p; the first always stays.
        if (i > 0 && before >= p) logits[order[i]] = hidden;
        before += static_cast<double>(probabilities[order[i]]);
    }
}

void apply_min_p(std::span<float> logits, double min_p) {
    if (min_p <= 0.0) return;
    const auto probabilities = softmax(logits);
    const float least = static_cast<float>(min_p) * *std::max_element(probabilities.begin(), probabilities.end());
    for (std::size_t i = 0; i < logits.size(); ++i)
        if (probabilities[i] < least) logits[i] = hidden;
}

void apply_typical(std::span<float> logits, double p) {
    if (p >= 1.0) return;
    const auto probabilities = softmax(logits);
    double entropy = 0.0;
    for (const float probability : probabilities)
        if (probability > 0.0F) entropy -= static_cast<double>(probability) * std::log(static_cast<double>(probability));
    std::vector<std::size_t> order;
    std::vector<double> oddness(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        if (probabilities[i] <= 0.0F) continue;
        oddness[i] = std::abs(-std::log(static_cast<double>(probabilities[i])) - entropy);
        order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return oddness[a] < oddness[b]; });
    double reached = 0.0;
    std::size_t last = 0;
    while (last < order.size() && (reached += static_cast<double>(probabilities[order[last]])) < p) ++last;
    if (order.empty()) return;
    const double limit = oddness[order[std::min(last, order.size() - 1)]];
    for (std::size_t i = 0; i < logits.size(); ++i)
        if (probabilities[i] <= 0.0F || oddness[i] > limit) logits[i] = hidden;
}

namespace {

using Logits = std::span<float>;
using History = std::span<const TokenId>;

constexpr LogitsFilter rules_of_history[] = {
    {"repetition_penalty", [](const SamplingConfig& config) { return config.repetition_penalty != 1.0; },
     [](Logits logits, History history, const SamplingConfig& config) {
         apply_repetition_penalty(logits, history, config.repetition_penalty);
     }},
    {"no_repeat_ngram_size", [](const SamplingConfig& config) { return config.no_repeat_ngram_size > 0; },
     [](Logits logits, History history, const SamplingConfig& config) {
         apply_no_repeat_ngram(logits, history, config.no_repeat_ngram_size);
     }},
};

constexpr LogitsFilter filters_of_sampling[] = {
    {"temperature", [](const SamplingConfig& config) { return config.temperature != 1.0; },
     [](Logits logits, History, const SamplingConfig& config) { apply_temperature(logits, config.temperature); }},
    {"top_k", [](const SamplingConfig& config) { return config.top_k > 0; },
     [](Logits logits, History, const SamplingConfig& config) { apply_top_k(logits, config.top_k); }},
    {"top_p", [](const SamplingConfig& config) { return config.top_p < 1.0; },
     [](Logits logits, History, const SamplingConfig& config) { apply_top_p(logits, config.top_p); }},
    {"min_p", [](const SamplingConfig& config) { return config.min_p > 0.0; },
     [](Logits logits, History, const SamplingConfig& config) { apply_min_p(logits, config.min_p); }},
    {"typical_p", [](const SamplingConfig& config) { return config.typical_p < 1.0; },
     [](Logits logits, History, const SamplingConfig& config) { apply_typical(logits, config.typical_p); }},
};

}  // namespace

std::span<const LogitsFilter> history_rules() {
    return rules_of_history;
}

std::span<const LogitsFilter> sampling_filters() {
    return filters_of_sampling;
}

void apply_history_rules(std::span<float> logits, std::span<const TokenId> history, const SamplingConfig& config) {
    for (const LogitsFilter& rule : rules_of_history) rule.apply(logits, history, config);
}

void apply_sampling_filters(std::span<float> logits, const SamplingConfig& config) {
    for (const LogitsFilter& filter : filters_of_sampling) filter.apply(logits, {}, config);
}

}  // namespace lossmith::engine
