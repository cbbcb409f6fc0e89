// The tokens of a fixed prompt and its true solution, as a run keeps them at each sampling to show how they are learnt.
#pragma once

#include <cstddef>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/data/Template.h"
#include "core/engine/model/Gpt2.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

inline constexpr std::size_t longest_kept_sample = 512;  ///< tokens; what comes after is left out

/// `[{id, text, probability, rank, entropy, labelled}]`, numbers to six digits; the first token's are null. Empty for an empty example.
[[nodiscard]] Result<Json> sample_tokens(const Gpt2& model, const Tokenizer& tokenizer, const Example& example,
                                         const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
