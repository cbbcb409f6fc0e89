// From hidden states at labelled positions to the loss and back to their gradient, in chunks, so that memory stays bounded.
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

struct HeadOptions {
    double weight = 1.0;            ///< the gradient is of weight * sum of the tokens' losses
    bool gradients = true;          ///< false: the value alone, for validation
    bool bf16 = false;
    std::int64_t chunk = 256;       ///< labelled positions at a time, for a loss separable by token
    /// Tokens outside the batch that stand for the rest of the vocabulary in the softmax; 0: the whole vocabulary.
    /// Z ≈ Σ over the batch's labels exp z + (R / S) Σ over S of the R others exp z, drawn uniformly: an unbiased estimate
    /// of the partition function (Bengio & Senécal 2008, importance sampling), as the frequent tokens are in every batch.
    std::int64_t vocabulary_sample = 0;
    std::uint64_t sample_seed = 0;
};

struct HeadResult {
    double loss_sum = 0.0;
    at::Tensor hidden_gradient;     ///< [labelled, n_embd]; undefined without gradients
    std::vector<std::pair<std::string, double>> parts;
};

/// hidden [labelled, n_embd] (not part of a graph), labels [labelled]. The head's own gradient is added into head().grad.
[[nodiscard]] Result<HeadResult> head_pass(const Gpt2& model, const Loss& loss, const at::Tensor& hidden, const at::Tensor& labels,
                                           const HeadOptions& options);

}  // namespace lossmith::engine
