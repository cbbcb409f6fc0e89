// Which input tokens the loss at a token comes from: its gradient at their embeddings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/model/Gpt2.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

enum class AttributionMethod {
    GradientTimesInput,   ///< Σ over the width of embedding · ∂loss/∂embedding (Shrikumar et al. 2016)
    IntegratedGradients,  ///< the same along a straight line from a baseline (Sundararajan et al. 2017, eq. 3)
};
[[nodiscard]] const char* name_of(AttributionMethod method);  ///< "gradient_x_input", "integrated_gradients"
[[nodiscard]] Result<AttributionMethod> attribution_method_named(const std::string& name);

struct AttributionRequest {
    std::int64_t place = 0;  ///< the token whose loss is explained, from 1; the number of tokens: the one after the last
    AttributionMethod method = AttributionMethod::GradientTimesInput;
    int steps = 32;                      ///< of the integral, by the midpoint rule
    std::optional<TokenId> target = {};  ///< another token at that place; absent: the one there, or the most probable after the last
};

/// Token embeddings are the rows of wte; the position embeddings stay as they are. The baseline of integrated gradients is the mean of
/// wte over the vocabulary at every token: a word that says nothing. (Zero is no embedding that a GPT-2 has ever read.)
struct Attribution {
    std::int64_t place = 0;
    AttributionMethod method = AttributionMethod::GradientTimesInput;
    TokenId target = 0;
    double loss = 0.0;           ///< of the target, nats
    std::vector<double> scores;  ///< of each token before the place; above 0: it raises the loss
    std::optional<double> baseline_loss;
    std::optional<double> completeness_gap;  ///< Σ scores - (loss - baseline_loss): 0 for an exact integral
};

/// Errors as inspect(); BadInput for a place outside the text and a target outside the vocabulary. The weights get no gradient.
[[nodiscard]] Result<Attribution> attribute_loss(const Gpt2& model, const std::vector<TokenId>& ids, const AttributionRequest& request,
                                                 const CancellationToken& cancelled = {});

[[nodiscard]] Json attribution_json(const Attribution& attribution, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
