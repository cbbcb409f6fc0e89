#include "core/engine/loss/check/Evaluation.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>

#include "core/engine/loss/check/OperatorKinds.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {
namespace {

constexpr double longest_check_seconds = 5.0;

Budget check_budget() {
    Budget budget;
    budget.seconds = longest_check_seconds;
    return budget;
}

}  // namespace

Evaluation evaluate_seen(const Program& program, const FunctionSignature& function, const LossSpec& spec, const CheckBatch& batch,
                         Look look, const CancellationToken& cancelled) {
    Evaluation evaluation;
    LossInputs inputs = batch.inputs;
    inputs.logits = inputs.logits.detach().requires_grad_();
    inputs.hidden_states = inputs.hidden_states.detach().requires_grad_();
    if (function.has_parameter("base_logits")) inputs.base_logits = inputs.base_logits.clone();  // the cached batch stays as it is
    const auto loaded = load_arguments(function, spec.parameters, batch.model->tokenizer.get());
    auto arguments = loaded ? arguments_for(function, inputs, spec.parameters, spec.labels, *loaded) : failure(loaded.error());
    if (!arguments) {
        evaluation.fault = LossFault::Failed;
        evaluation.error = arguments.error();
        return evaluation;
    }
    evaluation.arguments = *std::move(arguments);
    evaluation.seen = std::make_unique<FlowObserver>(evaluation.arguments, look != Look::Flow);
    if (look == Look::Everything) {
        evaluation.seen->look_for_not_finite();
        evaluation.seen->keep_gradients();
    }
    Interpreter interpreter(check_budget(), evaluation.seen.get(), cancelled);
    add_host_functions(interpreter, batch.model->tokenizer.get());
    seed_draws(inputs);
    const auto begin = std::chrono::steady_clock::now();
    const auto fail = [&](LossFault fault, Error error) {
        evaluation.fault = fault == LossFault::None ? LossFault::Failed : fault;
        evaluation.error = std::move(error);
        evaluation.total = {};
    };
    const at::AutoGradMode with_autograd(true);
    auto returned = interpreter.call(program, function.name, evaluation.arguments);
    if (!returned) {
        fail(interpreter.last_fault(), returned.error());
        return evaluation;
    }
    evaluation.returned = *returned;
    auto parts = returned_parts(*returned, function);
    if (!parts) {
        fail(LossFault::Failed, parts.error());
        return evaluation;
    }
    evaluation.parts = *std::move(parts);
    try {
        const auto unit = unit_of(evaluation.parts, inputs);
        const auto total = unit ? add_up(evaluation.parts, inputs, *unit) : Result<LossValue>(failure(unit.error()));
        if (!total) {
            fail(LossFault::Failed, total.error());
            return evaluation;
        }
        evaluation.total = *total;
        evaluation.units = units_in(inputs, *unit);
        if (evaluation.differentiable()) (total->sum / evaluation.units).backward();
    } catch (const std::exception& exception) {
        fail(LossFault::Failed, error_from(exception));
        return evaluation;
    }
    evaluation.at_logits = inputs.logits.grad();
    evaluation.at_hidden = inputs.hidden_states.grad();
    evaluation.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return evaluation;
}

std::optional<FoundCut> fatal_cut(const Evaluation& evaluation) {
    for (const auto& [name, part] : evaluation.parts) {
        if (part.requires_grad()) continue;
        const auto cuts = evaluation.seen->cuts_before(Value(part));
        if (!cuts.empty()) return FoundCut{cuts.front(), evaluation.differentiable() ? name : std::string()};
    }
    // A part that became a number on its way out.
    if (!evaluation.differentiable()) {
        const auto cuts = evaluation.seen->cuts_before(evaluation.returned);
        if (!cuts.empty()) return FoundCut{cuts.front(), {}};
    }
    return std::nullopt;
}

std::optional<FoundCut> step_before(const Evaluation& evaluation) {
    for (const std::size_t cut : evaluation.seen->cuts_before(evaluation.returned))
        if (is_step(evaluation.seen->cuts()[cut].name)) return FoundCut{cut, {}};
    return std::nullopt;
}

void drop_unknown_parameters(LossSpec& spec, const FunctionSignature& function) {
    for (auto at = spec.parameters.begin(); at != spec.parameters.end();)
        at = function.has_parameter(at.key()) ? std::next(at) : spec.parameters.erase(at);
}

bool rewrite_flows(const LossSpec& spec, const std::string& source, const CheckBatch& small) {
    LossSpec changed = spec;
    changed.source = source;
    const auto program = Program::parse(source);
    if (!program) return false;
    const auto function = loss_function(*program);
    if (!function) return false;
    drop_unknown_parameters(changed, *function);
    const Evaluation tried = evaluate_seen(*program, *function, changed, small, Look::Flow, {});
    if (tried.fault != LossFault::None || !tried.at_logits.defined()) return false;
    if (fatal_cut(tried)) return false;
    const double size = tried.at_logits.abs().sum().item<double>();
    return std::isfinite(size) && size > 0.0;
}

}  // namespace lossmith::engine
