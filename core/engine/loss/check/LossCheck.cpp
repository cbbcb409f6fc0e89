#include "core/engine/loss/check/LossCheck.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "core/data/Template.h"
#include "core/engine/loss/check/CheckReport.h"
#include "core/engine/loss/check/Evaluation.h"
#include "core/engine/loss/check/LossTrials.h"
#include "core/engine/loss/check/RewardCheck.h"
#include "core/engine/loss/check/Rewrites.h"

namespace lossmith::engine {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

Json arguments_json(const Evaluation& evaluation, const FunctionSignature& function, Json& list) {
    Json states = Json::object();
    list = Json::array();
    for (const LossArgument& known : loss_arguments()) {
        const auto given = std::ranges::find(evaluation.arguments, known.name, &std::pair<std::string, Value>::first);
        const bool named = function.has_parameter(known.name);
        Json shape;
        std::string dtype;
        std::string state = "unused";
        if (named && given != evaluation.arguments.end()) {
            const Value& value = given->second;
            if (value.is_tensor()) {
                shape = value.as_tensor().sizes().vec();
                dtype = dtype_name(value.as_tensor());
            }
            const at::Tensor& gradient = std::string_view(known.name) == "hidden_states" ? evaluation.at_hidden : evaluation.at_logits;
            const bool wanted = std::string_view(known.name) == "logits" || std::string_view(known.name) == "hidden_states";
            if (evaluation.seen && evaluation.seen->was_used(known.name))
                state = wanted && gradient.defined() && gradient.abs().sum().item<double>() > 0.0 ? "flows" : "cut";
            states[known.name] = state;
        }
        list.push_back({{"name", known.name},
                        {"shape", shape},
                        {"dtype", dtype},
                        {"gradient", named ? state : "not used"},
                        {"about", std::string(known.shape) + " " + known.about}});
    }
    return states;
}

Json rewrite_json(const Rewrite& rewrite) {
    return {{"title", rewrite.title},
            {"about", rewrite.about},
            {"snippet", rewrite.snippet},
            {"source", rewrite.source},
            {"becomes", rewrite.becomes}};
}

void offer(Json& report, const std::vector<Rewrite>& rewrites, const LossSpec& spec, const CheckBatch& small) {
    for (const Rewrite& rewrite : rewrites)
        if (rewrite.becomes == "reward" ? reward_runs(rewrite.source, small) : rewrite_flows(spec, rewrite.source, small))
            report["rewrites"].push_back(rewrite_json(rewrite));
}

void say_cut(Json& report, const Program& program, const FunctionSignature& function, const LossSpec& spec, const CheckBatch& small,
             const Evaluation& evaluation, const FoundCut& found) {
    const GradientCut& cut = evaluation.seen->cuts()[found.index];
    report["verdict"] = "cut";
    report.update(range_json(cut.where));
    report["message"] = (found.part.empty() ? std::string() : "The part \"" + found.part + "\" teaches nothing. ") +
                        "Gradient stops at line " + std::to_string(cut.where.line) + ", " + cut.name + ".";
    report["hint"] =
        cut.reason + (found.part.empty() ? "" : " The other parts still train; this one only changes the number that is shown.");
    offer(report, rewrites_for(program, function, cut), spec, small);
}

void say_zero(Json& report, const Evaluation& evaluation) {
    report["verdict"] = "zero_gradient";
    report["line"] = evaluation.seen->lines().empty() ? Json() : Json(evaluation.seen->lines().back().line);
    if (!evaluation.seen->was_used("logits") && !evaluation.seen->was_used("hidden_states")) {
        report["message"] = "The result does not depend on the logits, so the model would learn nothing from it.";
        report["hint"] = "Name logits among the arguments and use them on the way to the result.";
        return;
    }
    if (!evaluation.differentiable()) {
        report["message"] = "The result is a constant as far as the logits are concerned, so the model would learn nothing from it.";
        report["hint"] = "Let the result be made of the logits by operations that have a slope.";
        return;
    }
    report["message"] = "The gradient at every logit is zero on these rows, though no line cuts it.";
    report["hint"] =
        "Something is saturated: a clamp, relu or sigmoid far outside the range where it has a slope, a weight of 0, or a mask that leaves "
        "nothing. "
        "Look at the ranges beside the lines.";
}

bool only_at_unlabelled_places(const at::Tensor& gradient, const LossInputs& inputs) {
    const at::Tensor labelled = (inputs.labels != ignore_index).unsqueeze(-1);
    return (gradient * labelled).abs().sum().item<double>() == 0.0 && gradient.abs().sum().item<double>() > 0.0;
}

/// Where NaN or infinity first stood, in a value or, if the values are finite, in a gradient.
void say_not_finite(Json& report, const Program& program, const FunctionSignature& function, const LossSpec& spec, const CheckBatch& batch,
                    const CancellationToken& cancelled) {
    const Evaluation again = evaluate_seen(program, function, spec, batch, Look::Everything, cancelled);
    report["verdict"] = "not_finite";
    const bool value_finite = again.total.sum.defined() && std::isfinite(again.total.sum.item<double>());
    if (!value_finite) {
        report["message"] = "The value is not a finite number.";
        if (again.seen && again.seen->born_not_finite()) {
            report.update(range_json(*again.seen->born_not_finite()));
            report["message"] = "The value is not a finite number: NaN or infinity first stands in line " +
                                std::to_string(again.seen->born_not_finite()->line) + ".";
        }
        report["hint"] =
            "A logarithm of 0, a division by 0 or an exponential that is too large are the usual causes: log_softmax instead of "
            "log(softmax), "
            "clamp(min=1e-6) before a logarithm or a division.";
        return;
    }
    report["message"] = "The value is finite, but its gradient is not.";
    const auto& held = again.seen->held_tensors();
    for (std::size_t i = held.size(); i-- > 0;) {
        const at::Tensor& gradient = held[i].second.grad();
        if (!gradient.defined() || at::isfinite(gradient).all().item<bool>()) continue;
        const SourceRange& where = held[std::min(i + 1, held.size() - 1)].first;
        report.update(range_json(where));
        report["message"] = "The value is finite, but its gradient is not: it breaks in line " + std::to_string(where.line) + ".";
        break;
    }
    if (report["line"].is_null() && !held.empty()) report.update(range_json(held.front().first));
    report["hint"] =
        "A square root or a logarithm at 0 has an infinite slope, and 0 times infinity is NaN even where torch.where leaves the value out: "
        "make the input safe before, e.g. clamp(min=1e-6).";
}

Json heat_json(const CheckBatch& batch, const Evaluation& evaluation, const std::optional<at::Tensor>& values) {
    Json heat = Json::array();
    const at::NoGradGuard no_graph;
    at::Tensor pull;
    if (evaluation.at_logits.defined()) pull = evaluation.at_logits.abs().sum(-1).to(at::kCPU).contiguous();
    for (std::size_t row = 0; row < batch.texts.size(); ++row) {
        Json tokens = Json::array();
        for (std::size_t t = 0; t < batch.texts[row].size(); ++t) {
            const auto r = static_cast<std::int64_t>(row);
            const auto c = static_cast<std::int64_t>(t);
            const bool labelled = batch.inputs.labels[r][c].item<std::int64_t>() != ignore_index;
            const auto number = [&](double value) { return std::isfinite(value) ? Json(value) : Json(); };
            tokens.push_back({{"text", batch.texts[row][t]},
                              {"labelled", labelled},
                              {"value", labelled && values ? number((*values)[r][c].item<double>()) : Json()},
                              {"gradient", pull.defined() ? number(pull[r][c].item<double>()) : Json()}});
        }
        heat.push_back({{"row", batch.first_row + static_cast<std::int64_t>(row)}, {"row_id", batch.row_ids[row]}, {"tokens", tokens}});
    }
    return heat;
}

void add_shift_notes(Json& report, const Program& program, const LossSpec& spec, const CheckBatch& small, const FlowObserver& seen) {
    const auto shifted = [&](const std::string& name) {
        return std::ranges::any_of(seen.shifts(), [&](const auto& shift) { return shift.argument == name; });
    };
    const bool both = shifted("logits") && (shifted("labels") || shifted("label_mask"));
    if (spec.labels == "aligned" && both) {
        const auto& where = seen.shifts().front().where;
        Json note = range_json(where);
        note.update({{"operator", "getitem"},
                     {"kind", "note"},
                     {"reason",
                      "Logits and labels are aligned already: the logits at t are for the label at t. This shifts them a second time, so "
                      "that every "
                      "position is asked for the token after the next."}});
        report["cuts"].push_back(note);
        report["hint"] = note["reason"];
        if (report["message"] == "") report["message"] = "Shifted twice.";
        report["twice_shifted"] = true;
        offer(report, {without_shifts(program, seen.shifts())}, spec, small);
    }
    if (spec.labels == "unshifted" && !both && seen.was_used("labels") && seen.was_used("logits"))
        report["cuts"].push_back({{"line", 1},
                                  {"column", 1},
                                  {"end_column", 1},
                                  {"operator", "labels"},
                                  {"kind", "note"},
                                  {"reason",
                                   "Labels are given unshifted, as Hugging Face has them, and nothing here moves them: compare logits[:, "
                                   ":-1] with labels[:, 1:], "
                                   "or take aligned labels."}});
}

void add_cuts(Json& report, const Evaluation& evaluation) {
    const auto on_the_way = evaluation.seen->cuts_before(evaluation.returned);
    std::set<std::size_t> seen(on_the_way.begin(), on_the_way.end());
    for (const auto& [name, part] : evaluation.parts)
        for (const std::size_t cut : evaluation.seen->cuts_before(Value(part))) seen.insert(cut);
    for (std::size_t i = 0; i < evaluation.seen->cuts().size(); ++i) {
        const GradientCut& cut = evaluation.seen->cuts()[i];
        Json json = range_json(cut.where);
        json.update({{"operator", cut.name}, {"kind", seen.contains(i) ? "cut" : "note"}, {"reason", cut.reason}});
        report["cuts"].push_back(std::move(json));
    }
    for (const GradientNote& note : evaluation.seen->notes()) {
        Json json = range_json(note.where);
        json.update({{"operator", note.name}, {"kind", note.kind}, {"reason", note.reason}});
        report["cuts"].push_back(std::move(json));
    }
}

void describe_flow(Json& report, const Program& program, const FunctionSignature& function, const LossSpec& spec, const CheckBatch& batch,
                   const CheckBatch& small, const Evaluation& evaluation, const CancellationToken& cancelled) {
    const double value = evaluation.total.sum.item<double>();
    const double size = evaluation.at_logits.defined() ? evaluation.at_logits.abs().sum().item<double>() : 0.0;
    const double hidden_size = evaluation.at_hidden.defined() ? evaluation.at_hidden.abs().sum().item<double>() : 0.0;
    if (!std::isfinite(value) || !std::isfinite(size) || !std::isfinite(hidden_size))
        say_not_finite(report, program, function, spec, batch, cancelled);
    else if (const auto cut = fatal_cut(evaluation))
        say_cut(report, program, function, spec, small, evaluation, *cut);
    else if (const auto step = size + hidden_size == 0.0 ? step_before(evaluation) : std::nullopt)
        say_cut(report, program, function, spec, small, evaluation, *step);
    else if (size + hidden_size == 0.0)
        say_zero(report, evaluation);
    else if (size > 0.0 && hidden_size == 0.0 && only_at_unlabelled_places(evaluation.at_logits, batch.inputs)) {
        report["verdict"] = "zero_gradient";
        report["line"] = evaluation.seen->lines().back().line;
        report["message"] = "Gradient flows only into places that have no label (prompt and padding); labelled tokens get none.";
        report["hint"] = "Keep the places where labels != -100, not the others: keep = labels != -100.";
    }
}

}  // namespace

Json check_loss(LossSpec spec, const CheckBatch& batch, const CancellationToken& cancelled) {
    const auto begin = Clock::now();
    Json report = empty_report(batch, "loss");
    const auto [lowest, highest] = std::pair(batch.inputs.logits.min().item<double>(), batch.inputs.logits.max().item<double>());
    report["logits_range"] = {lowest, highest};
    const auto program = Program::parse(spec.source);
    if (!program) {
        blame(report, verdict_of(LossFault::NotUnderstood, program.error()), program.error());
        return report;
    }
    const auto function = loss_function(*program);
    if (!function) {
        blame(report, "error", function.error());
        return report;
    }
    report["parameters"] = parameters_json(*function, spec.parameters);
    drop_unknown_parameters(spec, *function);
    const Evaluation evaluation = evaluate_seen(*program, *function, spec, batch, Look::Lines, cancelled);
    Json list;
    report["arguments"] = arguments_json(evaluation, *function, list);
    report["argument_list"] = list;
    if (evaluation.seen) {
        report["lines"] = lines_json(*evaluation.seen);
        report["prints"] = evaluation.seen->prints();
        add_cuts(report, evaluation);
    }
    const CheckBatch small = small_batch(batch);
    if (evaluation.fault != LossFault::None) {
        blame(report, verdict_of(evaluation.fault, evaluation.error), evaluation.error);
        offer(report, rewrites_of_shapes(*program, *function, evaluation.error), spec, small);
        report["batch"]["milliseconds"] = milliseconds_since(begin);
        return report;
    }
    const double value = evaluation.total.sum.item<double>() / evaluation.units;
    report["value"] = std::isfinite(value) ? Json(value) : Json();
    for (const auto& [name, sum] : evaluation.total.parts) {
        const double part = sum.item<double>() / evaluation.units;
        report["parts"].push_back({{"name", name}, {"value", std::isfinite(part) ? Json(part) : Json()}});
    }
    report["cost"] = {
        {"milliseconds", evaluation.milliseconds},
        {"peak_bytes", evaluation.seen->bytes_made()},
        {"share_of_model", batch.forward_seconds > 0.0 ? Json(evaluation.milliseconds / (3000.0 * batch.forward_seconds)) : Json()}};
    describe_flow(report, *program, *function, spec, batch, small, evaluation, cancelled);
    add_shift_notes(report, *program, spec, small, *evaluation.seen);
    std::optional<at::Tensor> values;
    if (report["verdict"] == "ok" || report["verdict"] == "cut") {
        const auto& config = batch.model->model.config();
        if (const auto loss = TypedLoss::create(spec, {config.vocab_size, config.n_embd, batch.model->tokenizer.get()})) {
            add_trials(report, **loss, small.inputs);
            values = token_values(**loss, batch.inputs, evaluation.parts);
        }
    }
    report["heat"] = heat_json(batch, evaluation, values);
    report["batch"]["milliseconds"] = milliseconds_since(begin);
    return report;
}

}  // namespace lossmith::engine
