// Beam search for one prompt, as transformers' generate(num_beams=N, do_sample=False) does it.
#pragma once

#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/SamplingConfig.h"
#include "core/engine/model/StepWeights.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// The ids of the best beam: the highest sum of log-probabilities over (generated tokens ^ length_penalty).
/// Ended beams are kept aside; the search is over when no running beam can still beat the worst of num_beams ended ones.
[[nodiscard]] Result<std::vector<TokenId>> beam_search(const StepWeights& weights, const std::vector<TokenId>& prompt,
                                                       const SamplingConfig& config, std::int64_t most_tokens,
                                                       const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
