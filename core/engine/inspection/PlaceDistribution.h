// One place of a text: the whole distribution that predicts the token there, and what each filter of sampling leaves of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/SamplingConfig.h"
#include "core/engine/inspection/Inspect.h"

namespace lossmith::engine {

struct PlaceRequest {
    std::int64_t place = 0;  ///< the token predicted, from 1; the number of tokens: the one after the last
    int top_k = 10;
    std::optional<SamplingConfig> sampling = {};  ///< the filters to apply; absent: none
    std::string find = {};                        ///< tokens with this in their text; empty: none
    std::vector<TokenId> also = {};               ///< tokens to tell of wherever they rank
};

/// A token with what the filters made of it.
struct PlacedToken {
    TokenId id = 0;
    double logit = 0.0;
    double probability = 0.0;
    double log_probability = 0.0;
    std::int64_t rank = 0;
    double after = 0.0;  ///< probability to be drawn after all filters; 0: hidden by one
};

struct FilterStep {
    std::string name;       ///< of the setting: "temperature", "top_k", …; "greedy" where the most probable is taken
    std::int64_t kept = 0;  ///< tokens not hidden
    double mass = 0.0;      ///< the original probability of what is kept
};

struct PlaceDistribution {
    std::int64_t place = 0;
    std::vector<PlacedToken> top;
    std::vector<FilterStep> filters;  ///< those that are on, in the order generation applies them
    double least_logit = 0.0, largest_logit = 0.0, mean_logit = 0.0;
    double log_sum_exp = 0.0;
    double entropy = 0.0;            ///< nats, before the filters
    std::vector<PlacedToken> also;   ///< those asked for
    std::vector<PlacedToken> found;  ///< whose text is `find`, then those that begin with it, then those that hold it; at most 50
};

/// The filters are the functions that generation itself applies, the history being the tokens before the place.
/// BadInput for a place outside 1…tokens, an id outside the vocabulary, a text as in inspect(), and a sampling that does not validate.
[[nodiscard]] Result<PlaceDistribution> inspect_place(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<TokenId>& ids,
                                                      const PlaceRequest& request, const CancellationToken& cancelled = {});

[[nodiscard]] Json place_json(const PlaceDistribution& place, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
