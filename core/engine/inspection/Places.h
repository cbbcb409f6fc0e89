// A text's places, each with the distribution that a model, or two side by side, predicts there.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/engine/model/Distribution.h"
#include "core/engine/model/Gpt2.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// int64 [1, tokens]. BadInput for an empty or over-long text and for ids outside the vocabulary.
[[nodiscard]] Result<at::Tensor> text_tensor(const Gpt2& model, const std::vector<TokenId>& ids);

/// A place is a token of the text, from 1 since nothing predicts the first. `next_too`: the one after the last is one as well.
[[nodiscard]] Status check_place(const std::vector<TokenId>& ids, std::int64_t place, bool next_too);

/// States [places, n_embd] after ln_f, and the model whose head reads them. The model must outlive it.
struct StatesOf {
    const Gpt2& model;
    at::Tensor states;
};

/// Gets the place and its distribution under each side, in the sides' order. Called from any thread, once for each place.
using LookAtPlace = std::function<void(std::int64_t place, std::span<const Distribution> sides)>;

/// Logits are computed a stretch of places at a time, so that no [places, vocab_size] is held. All sides have as many places.
/// NotFinite when a logit is none; cancelled between two stretches.
[[nodiscard]] Status each_place(std::span<const StatesOf> sides, const LookAtPlace& look, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
