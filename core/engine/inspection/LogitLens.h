// The logit lens (nostalgebraist 2020): what the model would say if it ended after each layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/inspection/Inspect.h"

namespace lossmith::engine {

struct LensToken {
    std::vector<Alternative> top;
    double entropy = 0.0;               ///< nats
    std::optional<double> probability;  ///< of the token that really follows; absent at the last position
    std::optional<std::int64_t> rank;   ///< of the same
};

struct LensLayer {
    std::string name;               ///< "embeddings", "block 1" … "block N"
    std::vector<LensToken> tokens;  ///< tokens[t]: what is predicted at position t
};

/// The state after each layer through ln_f and the head; the last layer's is the model's own output. Errors as inspect().
[[nodiscard]] Result<std::vector<LensLayer>> logit_lens(const Gpt2& model, const std::vector<TokenId>& ids, int top_k,
                                                        const CancellationToken& cancelled = {});

[[nodiscard]] Json lens_json(const std::vector<LensLayer>& layers, const Tokenizer& tokenizer);

}  // namespace lossmith::engine
