#include "core/engine/comparison/SolutionLoss.h"

#include "core/engine/loss/Loss.h"
#include "core/engine/training/TrainingStep.h"

namespace lossmith::engine {

Result<std::optional<double>> solution_loss(const LoadedModel& model, const TemplateSpec& spec, const std::string& problem,
                                            const std::string& solution) {
    TemplateSpec solution_only = spec;
    solution_only.labels = LabelRule::SolutionOnly;
    const Example example = LOSSMITH_TRY(
        encode_example(solution_only, *model.tokenizer, problem, solution, static_cast<std::size_t>(model.model.config().n_positions)));
    const auto cross_entropy = LOSSMITH_TRY(make_loss({}));
    const StepLoss loss = LOSSMITH_TRY(mean_loss(model.model, *cross_entropy, {example}, 1, false));
    return loss.labelled > 0 ? std::optional(loss.mean) : std::nullopt;
}

}  // namespace lossmith::engine
