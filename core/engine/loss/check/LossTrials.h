// What is tried on a few tokens of the batch: splitting it, chunks of tokens, and finite differences in double precision.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Json.h"
#include "core/engine/loss/TypedLoss.h"
#include "core/engine/loss/check/CheckBatch.h"

namespace lossmith::engine {

/// The same rows, cut to a few tokens around where their labels begin.
[[nodiscard]] CheckBatch small_batch(const CheckBatch& batch);

/// Fills in separable_by_token, split_invariant, split and finite_differences. `small` in rows.
void add_trials(Json& report, const Loss& loss, LossInputs small);

/// The loss of each token, [rows, tokens]: as returned, or each labelled place by itself where the loss is separable. nullopt where there
/// is no such thing.
[[nodiscard]] std::optional<at::Tensor> token_values(const Loss& loss, const LossInputs& rows,
                                                     const std::vector<std::pair<std::string, at::Tensor>>& parts);

}  // namespace lossmith::engine
