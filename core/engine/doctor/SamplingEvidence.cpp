#include "core/engine/doctor/SamplingEvidence.h"

#include <algorithm>

#include "core/engine/doctor/PromptEvidence.h"
#include "core/engine/generation/LogitsProcessors.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t most_settings = 3;

/// Whether these settings choose other tokens than the model's most probable ones.
bool interferes(const SamplingConfig& config) {
    return config.do_sample || config.repetition_penalty != 1.0 || config.no_repeat_ngram_size > 0;
}

bool same_filters(const SamplingConfig& one, SamplingConfig other) {
    other.max_new_tokens = one.max_new_tokens;
    other.seed = one.seed;
    other.stop_strings = one.stop_strings;
    return one == other;
}

std::int64_t largest(std::span<const float> values) {
    return std::ranges::max_element(values) - values.begin();
}

SamplingEffect measured(std::string where, const SamplingConfig& config, const Gpt2& model, const std::vector<AskedRow>& rows) {
    SamplingEffect effect;
    effect.where = std::move(where);
    effect.config = config;
    for (const AskedRow& row : rows) {
        const at::Tensor logits = completion_logits(model, row.prompt, row.completion);
        const auto width = static_cast<std::size_t>(logits.size(1));
        std::vector<TokenId> history = row.prompt;
        for (std::size_t place = 0; place < row.completion.size(); ++place) {
            const float* raw = logits.data_ptr<float>() + place * width;
            std::vector<float> values(raw, raw + width);
            const TokenId truth = row.completion[place];
            effect.right_before += largest(values) == truth ? 1.0 : 0.0;
            effect.likely_before += static_cast<double>(softmax(values)[static_cast<std::size_t>(truth)]);
            apply_history_rules(values, history, config);
            if (config.do_sample) apply_sampling_filters(values, config);
            effect.right_after += largest(values) == truth ? 1.0 : 0.0;
            effect.likely_after += static_cast<double>(softmax(values)[static_cast<std::size_t>(truth)]);
            history.push_back(truth);
            ++effect.places;
        }
    }
    const auto places = static_cast<double>(std::max<std::int64_t>(1, effect.places));
    for (double* figure : {&effect.right_before, &effect.right_after, &effect.likely_before, &effect.likely_after}) *figure /= places;
    // Greedy generation is what drawing is held against: a model that is sure loses nothing by it.
    if (config.do_sample) effect.likely_before = std::max(effect.likely_before, effect.right_before);
    return effect;
}

}  // namespace

Result<std::vector<SamplingEffect>> sampling_effects(Project& project, std::int64_t run, const RunConfig& config, const LoadedModel& tuned,
                                                     const std::vector<AskedRow>& rows) {
    std::vector<SamplingEffect> effects;
    const auto consider = [&](const char* where, const SamplingConfig& settings) {
        if (!interferes(settings) || effects.size() >= most_settings) return;
        for (const SamplingEffect& known : effects)
            if (same_filters(known.config, settings)) return;
        effects.push_back(measured(where, settings, tuned.model, rows));
    };
    consider("the run's own samples", config.sampling);
    for (const Generation& text : LOSSMITH_TRY(texts_of_run(project, run))) consider("texts that were had from it", text.settings);
    return effects;
}

}  // namespace lossmith::engine
