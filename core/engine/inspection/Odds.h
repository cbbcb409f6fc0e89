// The tokens whose odds a tuning changed most, over the labelled places of a data set.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/data/Template.h"
#include "core/engine/inspection/ModelPair.h"

namespace lossmith::engine {

struct OddsRequest {
    int top_k = 50;
    /// Tokens whose mean probability is below this under both models are passed over: among fifty thousand, those that never come would
    /// show the largest changes of all.
    double least_probability = 1e-5;
};

struct TokenOdds {
    TokenId id = 0;
    double base_log_probability = 0.0, tuned_log_probability = 0.0;  ///< of its mean probability over the places, nats
    double change = 0.0;                                             ///< of the log-odds, log p/(1-p), of that mean
    std::int64_t count = 0;                                          ///< places at which it is the true token
};

struct Odds {
    std::int64_t rows = 0;                 ///< examples read
    std::int64_t tokens = 0;               ///< of them, read by each model
    std::int64_t places = 0;               ///< labelled ones, over which is averaged
    std::vector<TokenOdds> risen, fallen;  ///< the largest change first
};

/// BadInput when no place is labelled. Progress is in rows.
[[nodiscard]] Result<Odds> changed_odds(const ModelPair& pair, const std::vector<Example>& examples, const OddsRequest& request,
                                        const ProgressSink& progress = {}, const CancellationToken& cancelled = {});

[[nodiscard]] Json odds_json(const Odds& odds, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
