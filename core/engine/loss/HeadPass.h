// From hidden states to the loss and back to their gradient, in chunks, so that memory stays bounded.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Gpt2.h"

namespace lossmith::engine {

/// A loss that works in place is given more positions at a time than HeadOptions::chunk where the head moves: its gradient, as large as the
/// head, is gone through once for each chunk.
inline constexpr std::int64_t labels_at_once_in_place = 512;

struct HeadOptions {
    double weight = 1.0;    ///< the gradient is of weight * sum of the tokens' losses
    bool gradients = true;  ///< false: the value alone, for validation
    bool bf16 = false;
    std::int64_t chunk = 256;  ///< labelled positions at a time, for a loss separable by token
    /// Tokens outside the batch that stand for the rest of the vocabulary in the softmax; 0: the whole vocabulary.
    /// Z ≈ Σ over the batch's labels exp z + (R / S) Σ over S of the R others exp z, drawn uniformly: an unbiased estimate
    /// of the partition function (Bengio & Senécal 2008, importance sampling), as the frequent tokens are in every batch.
    std::int64_t vocabulary_sample = 0;
    std::uint64_t sample_seed = 0;
};

struct HeadResult {
    double loss_sum = 0.0;
    at::Tensor hidden_gradient;  ///< undefined without gradients
    std::vector<std::pair<std::string, double>> parts;
};

/// What goes into a pass: labelled tokens alone, [n], or whole rows, [rows, tokens], for a loss that is not separable by token.
struct HeadInputs {
    at::Tensor hidden;          ///< [n, n_embd] or [rows, tokens, n_embd], not part of a graph
    at::Tensor labels;          ///< [n] or [rows, tokens], aligned; -100 where nothing is predicted
    at::Tensor input_ids = {};  ///< as labels; may be undefined, as the next
    at::Tensor attention_mask = {};
    at::Tensor base_hidden = {};  ///< as hidden, of the objective's base; needed when the loss names base_logits
    LossMoment moment = {};
    SampledTokens sampled = {};  ///< [n], for the policy gradient
};

/// The head's own gradient is added into head().grad, unless the head requires none. `hidden_gradient` has the shape of `hidden`.
[[nodiscard]] Result<HeadResult> head_pass(const Gpt2& model, const Objective& objective, const HeadInputs& inputs,
                                           const HeadOptions& options);

}  // namespace lossmith::engine
