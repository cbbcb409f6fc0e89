#include "core/engine/loss/Loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/CrossEntropy.h"
#include "core/engine/loss/TypedLoss.h"

namespace lossmith::engine {

Result<LossGradient> Loss::with_gradient(LossInputs inputs, double weight) const {
    const at::AutoGradMode with_autograd(true);
    inputs.logits = inputs.logits.detach().requires_grad_();
    if (inputs.hidden_states.defined()) inputs.hidden_states = inputs.hidden_states.detach().requires_grad_();
    const LossValue value = LOSSMITH_TRY(evaluate(inputs));
    const at::Tensor& total = value.sum;
    LossGradient result;
    result.sum = total.item<double>();
    for (const auto& [name, part] : value.parts) result.parts.emplace_back(name, part.item<double>());
    if (!total.requires_grad())
        return failure(Error::bad_input("No gradient flows from this loss to the logits, so the model would learn nothing from it.")
                           .with_hint("Use differentiable operations between the logits and the result."));
    (total * weight).backward();
    result.at_logits = inputs.logits.grad().defined() ? inputs.logits.grad() : at::zeros_like(inputs.logits);
    if (inputs.hidden_states.defined()) result.at_hidden = inputs.hidden_states.grad();
    return result;
}

void add_part(std::vector<std::pair<std::string, double>>& parts, const std::string& name, double value) {
    const auto found = std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part.first == name; });
    if (found == parts.end())
        parts.emplace_back(name, value);
    else
        found->second += value;
}

Result<std::unique_ptr<Loss>> make_loss(const LossSpec& spec, const LossSetting& setting) {
    if (spec.source.empty() && spec.name == "cross_entropy") return CrossEntropy::create(spec.parameters);
    if (!spec.source.empty()) return TypedLoss::create(spec, setting);
    const CatalogueEntry entry = LOSSMITH_TRY(catalogue_entry(spec.name));
    LossSpec typed = spec;
    typed.source = entry.source;
    return TypedLoss::create(typed, setting);
}

}  // namespace lossmith::engine
