// Cross-entropy, with label smoothing as torch.nn.functional.cross_entropy has it.
#pragma once

#include "core/engine/loss/Loss.h"

namespace lossmith::engine {

/// per token: -(1 - s) log softmax(z)[y] - s/V Σ_j log softmax(z)[j], s the label smoothing (Szegedy et al. 2016), V the vocabulary.
class CrossEntropy final : public Loss {
public:
    /// Parameters: {"label_smoothing": 0 … 1}, default 0.
    [[nodiscard]] static Result<std::unique_ptr<Loss>> create(const Json& parameters);

    explicit CrossEntropy(double label_smoothing) : m_label_smoothing(label_smoothing) {}
    [[nodiscard]] bool separable_by_token() const override { return true; }
    [[nodiscard]] bool works_in_place() const override { return m_label_smoothing == 0.0; }
    [[nodiscard]] Result<LossValue> evaluate(const LossInputs& inputs) const override;
    /// Without smoothing and on the host: one pass in place over the logits.
    [[nodiscard]] Result<LossGradient> with_gradient(LossInputs inputs, double weight) const override;

private:
    double m_label_smoothing;
};

}  // namespace lossmith::engine
