// Made-up logits and labels, on which a loss is tried before there is a batch.
#pragma once

#include "core/engine/loss/Loss.h"

namespace lossmith::engine {

/// Two rows of seven tokens, nine of them labelled (five and four), logits about as wide as GPT-2's; the same at every call.
[[nodiscard]] LossInputs made_up_rows(const LossSetting& setting, const LossNeeds& needs);

/// The labelled places of rows, [n], as the trainer feeds a loss that is separable by token.
[[nodiscard]] LossInputs labelled_places(const LossInputs& rows);

/// Places begin … end - 1 of [n], or rows begin … end - 1 of [rows, tokens].
[[nodiscard]] LossInputs stretch(const LossInputs& inputs, std::int64_t begin, std::int64_t end);

/// Whether whole rows, the labelled places alone, and those in two unequal stretches all have one value and one gradient (relative 1e-4).
/// A loss that fails on any of these is not separable.
[[nodiscard]] bool gives_the_same_by_token(const Loss& loss, const LossInputs& rows);

}  // namespace lossmith::engine
