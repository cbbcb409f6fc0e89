// A loss as the trainer sees it: logits and labels at labelled positions in, a value for each token and a gradient out.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"
#include "core/config/LossSpec.h"

namespace lossmith::engine {

struct LossInputs {
    at::Tensor logits;   ///< [labelled, vocabulary] fp32: the predictions made one position before each label
    at::Tensor labels;   ///< [labelled] int64, ids inside the vocabulary
};

struct LossValue {
    at::Tensor per_token;   ///< [labelled] fp32; what a run minimises is its mean over a step's labelled tokens
    std::vector<std::pair<std::string, at::Tensor>> parts;   ///< named contributions [labelled], each a curve of its own
};

struct LossGradient {
    double sum = 0.0;         ///< of per_token
    at::Tensor at_logits;     ///< [labelled, vocabulary]: gradient of weight * sum
    std::vector<std::pair<std::string, double>> parts;   ///< each part's sum
};

class Loss {
public:
    virtual ~Loss() = default;

    /// Whether each token's value depends on that token's logits alone. Then the trainer feeds the labelled positions in
    /// chunks and the whole [labelled, vocabulary] tensor never exists.
    [[nodiscard]] virtual bool separable_by_token() const = 0;

    /// Differentiable in `inputs.logits` when that requires a gradient.
    [[nodiscard]] virtual Result<LossValue> evaluate(const LossInputs& inputs) const = 0;

    /// Value and gradient of weight · Σ per_token. `inputs.logits` may be overwritten. By default through autograd.
    [[nodiscard]] virtual Result<LossGradient> with_gradient(LossInputs inputs, double weight) const;
};

/// Adds to the part of this name, making it where it is new.
void add_part(std::vector<std::pair<std::string, double>>& parts, const std::string& name, double value);

/// BadInput for a name that is not in the catalogue or a parameter it does not have, naming those it has.
[[nodiscard]] Result<std::unique_ptr<Loss>> make_loss(const LossSpec& spec);

}  // namespace lossmith::engine
