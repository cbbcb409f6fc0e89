// What is wrong with how it went: steps, rate, gradient, and where the losses came to rest.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/diagnosis/Causes.h"
#include "core/diagnosis/Words.h"

namespace lossmith {
namespace {

using namespace diagnosis_words;

/// The mean of a curve's values from one share of its length to another.
double mean_between(const Curve& curve, double from, double to) {
    const auto size = static_cast<double>(curve.values.size());
    const auto first = static_cast<std::size_t>(std::clamp(from * size, 0.0, size - 1.0));
    const auto last = std::clamp(static_cast<std::size_t>(std::ceil(to * size)), first + 1, curve.values.size());
    const auto begin = curve.values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = curve.values.begin() + static_cast<std::ptrdiff_t>(last);
    return std::accumulate(begin, end, 0.0) / static_cast<double>(last - first);
}

bool ended_by(const Evidence& evidence, const char* event) {
    return std::ranges::find(evidence.event_kinds, event) != evidence.event_kinds.end();
}

/// A run by reward has another curve to judge it by, and a broken one none.
bool curve_says_nothing(const Evidence& evidence) {
    return evidence.config.reward || evidence.train_loss.values.size() < 3 || causes::not_finite(evidence) || causes::no_gradient(evidence);
}

/// Padding in the loss makes it all but flat; then the solutions' own tells how it went.
const Curve& telling_validation(const Evidence& evidence) {
    return causes::padding_labelled(evidence) && !evidence.solution_loss.empty() ? evidence.solution_loss : evidence.validation_loss;
}

/// How much lower the last third of the curve lies than the middle one, as a share: it was still falling.
double fall_at_the_end(const Evidence& evidence) {
    const double middle = mean_between(evidence.train_loss, 1.0 / 3.0, 2.0 / 3.0);
    return middle <= 0.0 ? 0.0 : 1.0 - mean_between(evidence.train_loss, 2.0 / 3.0, 1.0) / middle;
}

double lowest(const Curve& curve) {
    return *std::ranges::min_element(curve.values);
}

/// The share of what validation began with that training took away; absent where it was not validated before and after.
std::optional<double> improvement(const Evidence& evidence) {
    const Curve& curve = telling_validation(evidence);
    if (curve.values.size() < 2 || curve.values.front() <= 0.0) return {};
    return 1.0 - lowest(curve) / curve.values.front();
}

/// A whole run at this loss a token: half of the tokens are given less than a probability of 0.37.
constexpr double far_from_answers = 1.0;

}  // namespace

double usual_learning_rate(const Evidence& evidence) {
    const double whole = evidence.parameters < 50'000'000 ? 1e-3 : evidence.parameters < 200'000'000 ? 1e-4 : 5e-5;
    return evidence.config.lora ? 5.0 * whole : whole;
}

namespace causes {

std::optional<Finding> not_finite(const Evidence& evidence) {
    if (!ended_by(evidence, "not_finite")) return {};
    Finding finding;
    finding.cause = Cause::NotFinite;
    finding.evidence = evidence.message;
    finding.figures = {{"step", evidence.step + 1}, {"learning_rate", evidence.config.learning_rate}};
    const double usual = usual_learning_rate(evidence);
    if (evidence.config.learning_rate > usual || evidence.config.max_grad_norm == 0.0) {
        finding.advice = "Lower the learning rate and clip the gradient.";
        finding.changes = {{"learning_rate", std::min(usual, evidence.config.learning_rate / 10.0)}, {"max_grad_norm", 1.0}};
    } else {
        finding.advice = "Check the loss on the page Loss: it names the line in which a value that is not finite is born.";
        finding.page = "loss";
    }
    return finding;
}

std::optional<Finding> no_gradient(const Evidence& evidence) {
    const std::vector<double>& norms = evidence.gradient_norm.values;
    // Rounding aside, a gradient that is there moves fp32 weights from about 1e-8 on.
    const bool none = norms.size() >= 2 && std::ranges::max(norms) < 1e-9;
    const bool refused =
        evidence.status == "failed" && evidence.message.find("gradient") != std::string::npos && !ended_by(evidence, "not_finite");
    if (!none && !refused) return {};
    Finding finding;
    finding.cause = Cause::NoGradient;
    finding.evidence = refused ? evidence.message
                               : "The gradient's norm was 0 in all " + counted(static_cast<std::int64_t>(norms.size()), "step", "steps") +
                                     " that were written down.";
    finding.figures = {{"steps", norms.size()}};
    finding.advice = "Open the loss \"" + evidence.config.loss.name +
                     "\" on the page Loss: it shows on which line gradient stops, why, and what to write instead.";
    finding.changes = {{"loss", {{"name", "cross_entropy"}, {"source", ""}, {"parameters", nullptr}}}};
    finding.page = "loss";
    return finding;
}

std::optional<Finding> rate_too_high(const Evidence& evidence) {
    if (curve_says_nothing(evidence)) return {};
    const Curve& losses = evidence.train_loss;
    const double first = losses.values.front();
    const double last = mean_between(losses, 0.8, 1.0);
    const double best = losses.values.size() < 10 ? lowest(losses) : [&] {
        double least = mean_between(losses, 0.0, 0.1);
        for (int tenth = 1; tenth < 10; ++tenth) least = std::min(least, mean_between(losses, tenth / 10.0, (tenth + 1) / 10.0));
        return least;
    }();
    const double highest = *std::ranges::max_element(losses.values);
    // A jump to half as much again of where it began, or an end well above where it already was: noise of batches does neither.
    const bool jumps = highest > 1.5 * std::max(first, 0.5);
    const bool climbs = last > 1.5 * best && last > 0.5 * first && last - best > 0.5;
    if (!jumps && !climbs) return {};
    Finding finding;
    finding.cause = Cause::RateTooHigh;
    finding.evidence = "At a learning rate of " + rate(evidence.config.learning_rate) + " the loss began at " + nats(first) +
                       ", went up to " + nats(highest) + " and ended at " + nats(last) + ".";
    finding.figures = {{"first", first}, {"highest", highest}, {"last", last}, {"learning_rate", evidence.config.learning_rate}};
    const double lower = std::min(usual_learning_rate(evidence), evidence.config.learning_rate / 10.0);
    finding.advice = "Begin at " + rate(lower) + ", with a warm-up.";
    finding.changes = {{"learning_rate", lower},
                       {"warmup_steps", std::max<std::int64_t>(evidence.config.warmup_steps, evidence.total_steps / 20)},
                       {"max_grad_norm", 1.0}};
    return finding;
}

std::optional<Finding> rate_too_low(const Evidence& evidence) {
    if (curve_says_nothing(evidence) || evidence.train_loss.values.size() < 10) return {};
    const double usual = usual_learning_rate(evidence);
    const auto improved = improvement(evidence);
    const double end = evidence.losses                        ? evidence.losses->tuned
                       : telling_validation(evidence).empty() ? 0.0
                                                              : lowest(telling_validation(evidence));
    // Low for the size of the model, and little or not yet enough came of it.
    const bool low = evidence.config.learning_rate < 0.2 * usual;
    const bool unmoved = evidence.weights_moved && *evidence.weights_moved < 0.002;
    const bool little = improved && *improved < 0.25;
    const bool still_learning = end > far_from_answers && fall_at_the_end(evidence) > 0.02;
    // Where most of the loss was padding, little of each step went into the solutions, whatever the curve looks like.
    if (!low || !(unmoved || little || still_learning || padding_labelled(evidence))) return {};
    Finding finding;
    finding.cause = Cause::RateTooLow;
    finding.evidence = "At a learning rate of " + rate(evidence.config.learning_rate) + " " + counted(evidence.step, "step", "steps");
    finding.evidence +=
        evidence.weights_moved ? " moved the weights by " + percent(*evidence.weights_moved) + " of their size" : " were taken";
    if (improved) {
        finding.evidence += ", and the loss of held-out rows fell by " + percent(*improved);
        finding.figures["improvement"] = *improved;
    }
    finding.evidence += ".";
    if (evidence.weights_moved) finding.figures["weights_moved"] = *evidence.weights_moved;
    finding.figures["learning_rate"] = evidence.config.learning_rate;
    finding.advice = std::string(evidence.config.lora ? "With LoRA beside" : "For") + " a model of " +
                     counted(evidence.parameters, "parameter", "parameters") + " take about " + rate(usual) + ".";
    finding.changes = {{"learning_rate", usual}};
    return finding;
}

std::optional<Finding> too_few_steps(const Evidence& evidence) {
    if (curve_says_nothing(evidence) || rate_too_low(evidence) || rate_too_high(evidence) || memorised(evidence)) return {};
    if (evidence.status == "early_stopped") return {};
    const double fall = fall_at_the_end(evidence);
    const double end = mean_between(evidence.train_loss, 0.8, 1.0);
    // Before every row was seen, anything that still falls would have gone on; later, only a steep fall far from an answer would.
    const bool unseen_rows = evidence.epochs < 1.5 && fall > 0.04;
    const bool steep = evidence.epochs >= 1.5 && fall > 0.25 && end > far_from_answers;
    if (end < 0.3 || !(unseen_rows || steep)) return {};
    Finding finding;
    finding.cause = Cause::TooFewSteps;
    char epochs[32];
    std::snprintf(epochs, sizeof epochs, "%.2g", evidence.epochs);
    finding.evidence = counted(evidence.step, "step", "steps") + " showed each row " + epochs +
                       " times; in the last third of them the loss was still " + percent(fall) + " lower than in the third before, at " +
                       nats(end) + ".";
    finding.figures = {{"steps", evidence.step}, {"epochs", evidence.epochs}, {"fall", fall}, {"train_loss", end}};
    const double wanted = std::max(3.0, std::ceil(3.0 * evidence.epochs));
    finding.advice = "Train for " + rate(wanted) + " epochs; a checkpoint is kept at each validation and the best is used.";
    finding.changes = {{"max_steps", 0}, {"num_train_epochs", wanted}};
    return finding;
}

std::optional<Finding> memorised(const Evidence& evidence) {
    if (curve_says_nothing(evidence)) return {};
    const Curve& validation = telling_validation(evidence);
    if (validation.values.size() < 3 || evidence.status == "early_stopped") return {};
    const double train = mean_between(evidence.train_loss, 0.9, 1.0);
    const double best = lowest(validation);
    const double last = validation.values.back();
    const bool rose = last > 1.1 * best && last - best > 0.05;
    if (!rose || train > 0.6 * last) return {};
    const auto at = static_cast<std::size_t>(std::ranges::min_element(validation.values) - validation.values.begin());
    Finding finding;
    finding.cause = Cause::Memorised;
    finding.evidence = "The loss of held-out rows was lowest at step " + std::to_string(validation.steps[at]) + " (" + nats(best) +
                       ") and rose to " + nats(last) + " while that of training rows went on to " + nats(train) + ".";
    if (evidence.copied_share) {
        finding.evidence += " Of what it writes, " + percent(*evidence.copied_share) + " stands in one stretch in a training solution.";
        finding.figures["copied_share"] = *evidence.copied_share;
    }
    finding.figures.update({{"best_step", validation.steps[at]}, {"best", best}, {"last", last}, {"train_loss", train}});
    finding.advice = "Stop when held-out rows no longer gain, and drop some activations; more rows help most.";
    finding.changes = {{"early_stopping_patience", 2}, {"dropout", std::max(0.1, evidence.config.dropout.value_or(0.1))}};
    return finding;
}

std::optional<Finding> base_too_small(const Evidence& evidence) {
    if (curve_says_nothing(evidence) || rate_too_low(evidence) || rate_too_high(evidence) || too_few_steps(evidence) || memorised(evidence))
        return {};
    if (!evidence.losses || evidence.epochs < 2.0 || evidence.train_loss.values.size() < 20) return {};
    // It has seen each row several times, the curve is level, and yet its own rows cost it as much as a bad guess.
    const double fall = fall_at_the_end(evidence);
    const double own_rows = evidence.losses->training_rows;
    constexpr double out_of_reach = 2.5;
    // Whoever has seen each row ten times and still creeps will not arrive.
    const double level = evidence.epochs >= 10.0 ? 0.2 : 0.1;
    if (fall > level || own_rows < out_of_reach) return {};
    Finding finding;
    finding.cause = Cause::BaseTooSmall;
    finding.evidence = "After each row was seen " + rate(std::round(evidence.epochs)) + " times the loss is level at " + nats(own_rows) +
                       " nats a token even on rows it was trained on; untuned it was " + nats(evidence.losses->base) +
                       " on held-out ones. The model has " + counted(evidence.parameters, "parameter", "parameters") + ".";
    finding.figures = {{"training_rows", own_rows},
                       {"tuned", evidence.losses->tuned},
                       {"base", evidence.losses->base},
                       {"parameters", evidence.parameters},
                       {"fall", fall}};
    finding.advice = "Take a larger base, or one that has read text of this kind.";
    finding.changes = {{"model", "starter"}};
    finding.page = "train";
    if (evidence.config.model == "starter") finding.changes = Json::object();
    return finding;
}

}  // namespace causes
}  // namespace lossmith
