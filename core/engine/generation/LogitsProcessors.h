// What stands between a model's logits and the choice of a token. Each filter hides tokens by -infinity, as transformers does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/config/SamplingConfig.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// A positive logit of a token that occurred is divided by the penalty, a negative one multiplied (Keskar et al. 2019).
void apply_repetition_penalty(std::span<float> logits, std::span<const TokenId> history, double penalty);
/// Hides tokens that would complete an n-gram which the history already holds (Paulus et al. 2017).
void apply_no_repeat_ngram(std::span<float> logits, std::span<const TokenId> history, int size);
void apply_temperature(std::span<float> logits, double temperature);
/// Hides all below the k-th largest logit; equal ones stay.
void apply_top_k(std::span<float> logits, int k);
/// Keeps the smallest set of most probable tokens whose probabilities reach p (Holtzman et al. 2020).
void apply_top_p(std::span<float> logits, double p);
/// Hides tokens less probable than `min_p` times the most probable (Nguyen et al. 2024).
void apply_min_p(std::span<float> logits, double min_p);
/// Keeps the tokens whose surprise is nearest to the entropy until their probability reaches p (Meister et al. 2023).
void apply_typical(std::span<float> logits, double p);

/// A filter as generation applies it: its name is that of the setting which governs it.
struct LogitsFilter {
    const char* name;
    bool (*is_on)(const SamplingConfig& config);  ///< whether it can change anything
    void (*apply)(std::span<float> logits, std::span<const TokenId> history, const SamplingConfig& config);
};

/// Repetition penalty and n-grams: for greedy and beam search too.
[[nodiscard]] std::span<const LogitsFilter> history_rules();
/// Temperature, top-k, top-p, min-p, typical: in transformers' order, for sampling only.
[[nodiscard]] std::span<const LogitsFilter> sampling_filters();

/// All of either, in order.
void apply_history_rules(std::span<float> logits, std::span<const TokenId> history, const SamplingConfig& config);
void apply_sampling_filters(std::span<float> logits, const SamplingConfig& config);

/// softmax in double, as floats; hidden tokens get zero.
[[nodiscard]] std::vector<float> softmax(std::span<const float> logits);

}  // namespace lossmith::engine
