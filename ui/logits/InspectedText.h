// What the engine tells of a text under one model or two, read from its JSON: each token with how it was predicted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "ui/generation/TokenTrace.h"

namespace lossmith::ui {

/// How one model predicted a token. Natural logarithms; a rank of 1 is the most probable, 0: not told.
struct Prediction {
    double probability = 0.0;
    double log_probability = 0.0;
    double logit = 0.0;
    std::int64_t rank = 0;
    double entropy = 0.0;
    double loss = 0.0;
    std::vector<TokenAlternative> top;
};

struct InspectedToken {
    std::int64_t id = 0;
    std::string text;
    std::optional<Prediction> base, tuned;  ///< absent for the first token, which nothing predicts, and for a model not asked
    std::optional<double> divergence;       ///< KL(tuned‖base) where it was predicted, nats
    std::optional<bool> labelled;           ///< counted in the loss; absent where the text came through no template
};

struct InspectedText {
    std::vector<InspectedToken> tokens;
    std::int64_t truncated_tokens = 0;
    bool of_two = false;  ///< base and tuned; else only tuned

    [[nodiscard]] std::vector<std::int64_t> ids() const;
    [[nodiscard]] std::string text() const;
};

enum class ModelSide { Base, Tuned };
[[nodiscard]] const std::optional<Prediction>& prediction(const InspectedToken& token, ModelSide side);

/// exp of the mean loss over the labelled tokens, or over all where none is marked. Nothing where no token was predicted.
[[nodiscard]] std::optional<double> perplexity(const InspectedText& text, ModelSide side);

/// The answer of `inspect` (of the tuned model alone) or of `inspect/difference`.
[[nodiscard]] Result<InspectedText> inspected_text_from_json(const Json& answer);

/// `[{id, text, probability, rank, entropy, labelled}]` as a run keeps it of its fixed prompts; told as the tuned model's.
[[nodiscard]] InspectedText inspected_text_from_sample(const Json& tokens);

/// For answers: a member's number, or nothing where it is missing, null or of another kind.
[[nodiscard]] std::optional<double> number_in(const Json& json, const char* name);
[[nodiscard]] std::int64_t whole_number_in(const Json& json, const char* name);  ///< 0 where there is none
/// A member that is a list, else an empty one.
[[nodiscard]] const Json& list_in(const Json& json, const char* name);
[[nodiscard]] Error unreadable_answer();

}  // namespace lossmith::ui
