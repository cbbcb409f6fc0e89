// Text from a model: prompts in batches over a key/value cache, each token told as it is chosen.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/SamplingConfig.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/model/StepWeights.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct TokenChoice {
    TokenId id = 0;
    double probability = 0.0;  ///< under the model's plain softmax, before any filter
};

struct GenerationRequest {
    std::vector<std::vector<TokenId>> prompts;  ///< each at least one id; an empty prompt is the caller's to give a start token
    SamplingConfig sampling;
    int top_k = 0;  ///< alternatives told for each generated token; 0: none
    /// Each text is drawn as if its prompt were the only one, so that it depends on nothing but prompt and settings.
    bool each_alone = false;
};

struct GeneratedText {
    std::vector<TokenId> ids;                   ///< generated only; a final end token is included
    std::string text;                           ///< decoded, special tokens skipped, cut at a stop string
    std::vector<double> probabilities;          ///< of each id, as in TokenChoice
    std::vector<std::vector<TokenChoice>> top;  ///< for each id the most probable, when asked for
    std::string stopped_by;                     ///< "end_token", "stop_string", "length" (max_new_tokens or n_positions)
};

struct TokenNews {
    std::size_t prompt = 0;  ///< index into the request's prompts
    TokenChoice token;
    std::string text;  ///< new text, whole UTF-8 characters only; may be empty
    std::vector<TokenChoice> top;
};

/// The end of a prompt that leaves the model room for one token more: its last n_positions - 1 ids.
[[nodiscard]] std::vector<TokenId> fitting_prompt(std::vector<TokenId> ids, const Gpt2& model);

/// Prompts are cut by fitting_prompt(). Each prompt draws from a generator of its own
/// (seed and index in the request), so that its text does not depend on what else is in the batch.
/// The precision is that of the weights.
[[nodiscard]] Result<std::vector<GeneratedText>> generate(const StepWeights& weights, const Tokenizer& tokenizer,
                                                          const GenerationRequest& request,
                                                          const std::function<void(const TokenNews&)>& news = {},
                                                          const CancellationToken& cancelled = {});

/// With weights in the precision of the request's sampling, kept with the model.
[[nodiscard]] Result<std::vector<GeneratedText>> generate(const LoadedModel& model, const GenerationRequest& request,
                                                          const std::function<void(const TokenNews&)>& news = {},
                                                          const CancellationToken& cancelled = {});

/// With weights laid out for this call: for a model whose weights change.
[[nodiscard]] Result<std::vector<GeneratedText>> generate(const Gpt2& model, const Tokenizer& tokenizer, const GenerationRequest& request,
                                                          const std::function<void(const TokenNews&)>& news = {},
                                                          const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
