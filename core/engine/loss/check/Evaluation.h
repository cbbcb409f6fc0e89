// One evaluation of a typed loss on a batch with everything seen, and its backward pass.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/config/LossSpec.h"
#include "core/engine/loss/TypedLoss.h"
#include "core/engine/loss/check/CheckBatch.h"
#include "core/engine/loss/check/FlowObserver.h"

namespace lossmith::engine {

struct Evaluation {
    std::vector<std::pair<std::string, Value>> arguments;
    std::unique_ptr<FlowObserver> seen;
    LossFault fault = LossFault::None;
    Error error;
    Value returned;
    std::vector<std::pair<std::string, at::Tensor>> parts;
    LossValue total;     ///< undefined sum: it failed
    double units = 1.0;  ///< what the sum is divided by to be what the trainer calls the loss
    at::Tensor at_logits, at_hidden;
    double milliseconds = 0.0;

    [[nodiscard]] bool differentiable() const { return total.sum.requires_grad(); }
};

/// How closely it is looked at: the flow of gradient alone, each line's range as well, or also where NaN is born and every line's gradient.
enum class Look { Flow, Lines, Everything };

/// Seconds, steps and bytes are budgeted. What goes wrong is in the answer's fault and error.
[[nodiscard]] Evaluation evaluate_seen(const Program& program, const FunctionSignature& function, const LossSpec& spec,
                                       const CheckBatch& batch, Look look, const CancellationToken& cancelled);

/// What counts against the loss: cuts on the way to the result, or to one of its parts.
struct FoundCut {
    std::size_t index = 0;
    std::string part;  ///< the part that has no gradient; empty: the whole
};

[[nodiscard]] std::optional<FoundCut> fatal_cut(const Evaluation& evaluation);

/// The first staircase on the way to the result.
[[nodiscard]] std::optional<FoundCut> step_before(const Evaluation& evaluation);

/// A form may still hold a field that the text no longer has.
void drop_unknown_parameters(LossSpec& spec, const FunctionSignature& function);

/// Whether the text runs on the (small) batch and gradient reaches the logits: what a rewrite must do to be offered.
[[nodiscard]] bool rewrite_flows(const LossSpec& spec, const std::string& source, const CheckBatch& small);

}  // namespace lossmith::engine
