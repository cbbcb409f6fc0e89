// Two models over one vocabulary, so that what they say can be compared token by token.
#pragma once

#include <memory>

#include "core/base/Result.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::engine {

struct ModelPair {
    Gpt2 base, tuned;
    std::shared_ptr<const Tokenizer> tokenizer;  ///< the larger of theirs
};

/// Where one vocabulary has more tokens (a run that added some), the other model is grown by them as training grows it: their embeddings
/// are the mean of its own, so that it stands where the run began. BadInput when a token differs that both have.
[[nodiscard]] Result<ModelPair> pair_up(const LoadedModel& base, const LoadedModel& tuned);

}  // namespace lossmith::engine
