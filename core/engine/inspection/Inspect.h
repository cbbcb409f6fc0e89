// A text under a model, token by token: how probable each was, its rank, and what else could have come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/model/Gpt2.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct Alternative {
    TokenId id = 0;
    double logit = 0.0;
    double probability = 0.0;
};

/// All but id and entropy are absent for the first token: nothing predicts it.
struct InspectedToken {
    TokenId id = 0;
    std::optional<double> probability;  ///< softmax at the position before
    std::optional<std::int64_t> rank;   ///< 1: the most probable; equal logits rank by id
    std::optional<double> loss;         ///< -log probability, nats
    std::optional<double> entropy;      ///< of the distribution it was drawn from, nats
    std::vector<Alternative> top;       ///< the most probable at that place
};

struct Inspection {
    std::vector<InspectedToken> tokens;
    std::vector<Alternative> next;  ///< the most probable after the last token
    at::Tensor logits;              ///< [tokens, vocab_size]
};

/// BadInput for an empty or over-long text and for ids outside the vocabulary.
[[nodiscard]] Result<Inspection> inspect(const Gpt2& model, const std::vector<TokenId>& ids, int top_k);

/// As `lossmith-cli inspect --json` prints it.
[[nodiscard]] Json inspection_json(const Inspection& inspection, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
