// What is tried on a few tokens of the batch: splitting it, chunks of tokens, and finite differences in double precision.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Json.h"
#include "core/config/LossSpec.h"
#include "core/engine/loss/TypedLoss.h"
#include "core/engine/loss/check/CheckBatch.h"

namespace lossmith::engine {

/// The same rows, cut to a few tokens around where their labels begin.
[[nodiscard]] CheckBatch small_batch(const CheckBatch& batch);

/// Fills in separable_by_token, split_invariant, split and finite_differences.
void add_trials(Json& report, const LossSpec& spec, const CheckBatch& small, const Tokenizer* tokenizer);

/// The loss of each token, [rows, tokens]: as returned, or each labelled place by itself where the loss is separable. nullopt where there is no such thing.
[[nodiscard]] std::optional<at::Tensor> token_values(const LossSpec& spec, const CheckBatch& batch,
                                                     const std::vector<std::pair<std::string, at::Tensor>>& parts, bool separable);

using Flows = std::function<bool(const LossSpec&, const std::string&, const CheckBatch&)>;

/// For the usual error of shapes: logits [B, T, V] given to cross_entropy beside labels [B, T].
void add_rewrites_of_shapes(Json& report, const Program& program, const FunctionSignature& function, const LossSpec& spec, const CheckBatch& batch,
                            const Error& error, const Flows& flows);

}  // namespace lossmith::engine
