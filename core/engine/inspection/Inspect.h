// A text under a model, token by token: how probable each was, its rank, and what else could have come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/model/Distribution.h"
#include "core/engine/model/Gpt2.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct Alternative {
    TokenId id = 0;
    double logit = 0.0;
    double probability = 0.0;
};

/// What a model makes of one token that came.
struct Prediction {
    double probability = 0.0;      ///< softmax at the position before
    double log_probability = 0.0;  ///< nats; the token's loss is minus this
    double logit = 0.0;
    std::int64_t rank = 0;         ///< 1: the most probable; equal logits rank by id
    double entropy = 0.0;          ///< of the distribution it was drawn from, nats
    std::vector<Alternative> top;  ///< the most probable at that place
};

[[nodiscard]] std::vector<Alternative> most_probable(const Distribution& distribution, int top_k);
[[nodiscard]] Prediction prediction_of(TokenId id, const Distribution& distribution, int top_k);

struct InspectedToken {
    TokenId id = 0;
    std::optional<Prediction> prediction;  ///< absent for the first token: nothing predicts it
};

struct Inspection {
    std::vector<InspectedToken> tokens;
    std::vector<Alternative> next;  ///< the most probable after the last token
};

/// BadInput for an empty or over-long text and for ids outside the vocabulary. Costs little more than one forward pass.
[[nodiscard]] Result<Inspection> inspect(const Gpt2& model, const std::vector<TokenId>& ids, int top_k,
                                         const CancellationToken& cancelled = {});

/// All logits of a text, [tokens, vocab_size].
[[nodiscard]] Result<at::Tensor> text_logits(const Gpt2& model, const std::vector<TokenId>& ids);

/// `[{id, text, logit, probability}]`
[[nodiscard]] Json alternatives_json(const std::vector<Alternative>& alternatives, const Tokenizer& tokenizer);

/// `{probability, log_probability, logit, rank, entropy, loss, top}`, all null (top empty) where there is no prediction.
[[nodiscard]] Json prediction_json(const std::optional<Prediction>& prediction, const Tokenizer& tokenizer);

/// As `lossmith-cli inspect --json` prints it.
[[nodiscard]] Json inspection_json(const Inspection& inspection, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
