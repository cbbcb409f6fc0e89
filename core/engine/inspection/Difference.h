// A text under two models, token by token: what tuning changed of its probabilities.
#pragma once

#include <optional>
#include <vector>

#include "core/engine/inspection/Inspect.h"
#include "core/engine/inspection/ModelPair.h"

namespace lossmith::engine {

struct TokenDifference {
    TokenId id = 0;
    std::optional<Prediction> base, tuned;  ///< absent for the first token
    double divergence = 0.0;                ///< KL(tuned‖base) of the distributions that predict it, nats
};

struct Difference {
    std::vector<TokenDifference> tokens;
    std::vector<Alternative> next_of_base, next_of_tuned;  ///< the most probable after the last token
    double next_divergence = 0.0;
};

/// Errors as inspect(), of either model.
[[nodiscard]] Result<Difference> inspect_difference(const ModelPair& pair, const std::vector<TokenId>& ids, int top_k,
                                                    const CancellationToken& cancelled = {});

[[nodiscard]] Json difference_json(const Difference& difference, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
