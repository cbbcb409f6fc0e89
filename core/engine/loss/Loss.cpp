#include "core/engine/loss/Loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>

#include "core/engine/loss/CrossEntropy.h"

namespace lossmith::engine {

Result<LossGradient> Loss::with_gradient(LossInputs inputs, double weight) const {
    const at::AutoGradMode with_autograd(true);
    inputs.logits = inputs.logits.detach().requires_grad_();
    LossValue value = LOSSMITH_TRY(evaluate(inputs));
    const at::Tensor total = value.per_token.sum();
    LossGradient result;
    result.sum = total.item<double>();
    for (const auto& [name, part] : value.parts) result.parts.emplace_back(name, part.sum().item<double>());
    if (!total.requires_grad())
        return failure(Error::bad_input("No gradient flows from this loss to the logits, so the model would learn nothing from it.")
                           .with_hint("Use differentiable operations between the logits and the result."));
    (total * weight).backward();
    result.at_logits = inputs.logits.grad().defined() ? inputs.logits.grad() : at::zeros_like(inputs.logits);
    return result;
}

void add_part(std::vector<std::pair<std::string, double>>& parts, const std::string& name, double value) {
    const auto found = std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part.first == name; });
    if (found == parts.end())
        parts.emplace_back(name, value);
    else
        found->second += value;
}

Result<std::unique_ptr<Loss>> make_loss(const LossSpec& spec) {
    if (spec.name == "cross_entropy") return CrossEntropy::create(spec.parameters);
    return failure(Error::bad_input("There is no loss named \"" + spec.name + "\".").with_hint("The catalogue has: cross_entropy."));
}

}  // namespace lossmith::engine
