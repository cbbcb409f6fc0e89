// What is wrong with what the models answer: to prompts, to added tokens, to the wrong problem, through sampling.
#include <algorithm>
#include <cmath>

#include "core/diagnosis/Causes.h"
#include "core/diagnosis/Words.h"

namespace lossmith::causes {
namespace {

using namespace diagnosis_words;

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// Settings by name that are not as usual.
std::string unusual(const SamplingConfig& config) {
    const SamplingConfig usual;
    std::vector<std::string> named;
    if (config.do_sample && config.temperature != usual.temperature) named.push_back("temperature " + rate(config.temperature));
    if (config.repetition_penalty != usual.repetition_penalty) named.push_back("repetition penalty " + rate(config.repetition_penalty));
    if (config.no_repeat_ngram_size > 0) named.push_back("no repeated " + std::to_string(config.no_repeat_ngram_size) + "-gram");
    if (config.do_sample && config.typical_p < 1.0) named.push_back("typical p " + rate(config.typical_p));
    if (config.do_sample && named.empty()) named.push_back("tokens drawn by chance");
    return joined(named);
}

}  // namespace

std::optional<Finding> wrong_tokenizer(const Evidence& evidence) {
    if (!evidence.base_fit || evidence.base_fit->tokens < 50) return {};
    const BaseFit& fit = *evidence.base_fit;
    // A new model knows nothing and expects nothing; one that expects much and is wrong each time reads other ids than it learnt.
    const double uniform = std::log(static_cast<double>(fit.vocabulary));
    if (fit.loss < 0.85 * uniform || fit.loss < fit.entropy + 3.0) return {};
    Finding finding;
    finding.cause = Cause::WrongTokenizer;
    finding.evidence = "On the project's own problems the base model's loss is " + nats(fit.loss) +
                       " nats a token, where guessing blindly costs " + nats(uniform) +
                       ", although it expects something quite certain each time (entropy " + nats(fit.entropy) + ").";
    finding.figures = {{"base_loss", fit.loss}, {"entropy", fit.entropy}, {"uniform", uniform}};
    finding.advice =
        "Put the tokenizer files that came with these weights into the model's folder (vocab.json and merges.txt, or tokenizer.json), then "
        "run again.";
    finding.page = "train";
    return finding;
}

std::optional<Finding> new_tokens_random(const Evidence& evidence) {
    if (!evidence.added_tokens) return {};
    const AddedTokensShare& added = *evidence.added_tokens;
    const double fair = static_cast<double>(added.names.size()) /
                        static_cast<double>(std::max<std::int64_t>(1, evidence.base_fit ? evidence.base_fit->vocabulary : 50'257));
    // Unseen tokens that get a hundred times an equal share, and enough to be felt.
    if (added.probability < 0.05 || added.probability < 100.0 * fair) return {};
    Finding finding;
    finding.cause = Cause::NewTokensRandom;
    finding.evidence = "Before the first step " + joined(added.names) + " together got " + percent(added.probability) +
                       " of the probability inside solutions, where they never stand: their logits lay at " + nats(added.mean_logit) +
                       ", all others' at " + nats(added.others_logit) + " on average.";
    finding.figures = {{"probability", added.probability},
                       {"mean_logit", added.mean_logit},
                       {"others_logit", added.others_logit},
                       {"highest_other", added.highest_other}};
    finding.advice = "Let added tokens begin as the mean of the known ones.";
    finding.changes = {{"template", {{"added_tokens_init", "mean"}}}};
    return finding;
}

std::optional<Finding> prompt_mismatch(const Evidence& evidence) {
    const PromptDeviation* worst = nullptr;
    for (const PromptDeviation& one : evidence.prompt_deviations)
        if (worst == nullptr || one.loss - one.usual_loss > worst->loss - worst->usual_loss) worst = &one;
    // A model may not mind; what costs it a fifth more is a prompt that it minds.
    if (worst == nullptr || worst->loss - worst->usual_loss < std::max(0.02, 0.2 * worst->usual_loss)) return {};
    Finding finding;
    finding.cause = Cause::PromptMismatch;
    finding.evidence = (worst->texts > 0 ? counted(worst->texts, "text was", "texts were") + " had from a prompt " + worst->what
                                         : "The project's template is no longer the run's: a prompt is now made " + worst->what) +
                       ". After such prompts a held-out solution costs " + nats(worst->loss) + " nats a token instead of " +
                       nats(worst->usual_loss) + ".";
    finding.figures = {{"loss", worst->loss}, {"usual_loss", worst->usual_loss}, {"texts", worst->texts}};
    if (worst->texts > 0) {
        finding.advice =
            "Give the problem and let the template make the prompt (Playground: “through the template”; lossmith-cli generate --problem).";
        finding.page = "playground";
    } else {
        finding.advice = "Train anew with the template as it is now, or set the run's own again on the page Data.";
        finding.changes = {{"template", nullptr}};
        finding.page = "data";
    }
    return finding;
}

std::optional<Finding> pairs_unrelated(const Evidence& evidence) {
    if (!evidence.losses || !evidence.losses->other_problem || evidence.losses->rows < 8) return {};
    const HeldOutLosses& losses = *evidence.losses;
    const double gain = *losses.other_problem - losses.tuned;
    const double error = losses.other_problem_error.value_or(0.0);
    // Only a model that has learnt something of the solutions, from each row more than once, could have learnt what they answer.
    if (losses.tuned > 0.9 * losses.base || evidence.epochs < 1.5 || rate_too_high(evidence)) return {};
    if (gain > 2.5 * error && gain > 0.02 * losses.tuned) return {};
    Finding finding;
    finding.cause = Cause::PairsUnrelated;
    finding.evidence = "A held-out solution costs the tuned model " + nats(losses.tuned) + " nats a token after its own problem and " +
                       nats(*losses.other_problem) + " after another row's (" + counted(losses.rows, "row", "rows") +
                       "): the problem tells it nothing about the solution.";
    finding.figures = {
        {"own_problem", losses.tuned}, {"other_problem", *losses.other_problem}, {"standard_error", error}, {"rows", losses.rows}};
    finding.advice =
        "Look at a few rows: were the right columns taken, and were the rows joined rightly? No setting can teach what the data does not "
        "hold.";
    finding.page = "data";
    return finding;
}

std::optional<Finding> sampling_undoes_training(const Evidence& evidence) {
    const SamplingEffect* worst = nullptr;
    const auto lost = [](const SamplingEffect& effect) {
        return effect.config.do_sample ? effect.likely_before - effect.likely_after : effect.right_before - effect.right_after;
    };
    for (const SamplingEffect& effect : evidence.sampling_effects)
        if (worst == nullptr || lost(effect) > lost(*worst)) worst = &effect;
    const bool cut = evidence.examples.median_solution > evidence.config.sampling.max_new_tokens && !evidence.config.packing;
    const bool undone = worst != nullptr && lost(*worst) > 0.08;
    if (!undone && !cut) return {};
    Finding finding;
    finding.cause = Cause::SamplingUndoesTraining;
    Json sampling = Json::object();
    if (undone) {
        const bool drawn = worst->config.do_sample;
        finding.evidence =
            "With " + unusual(worst->config) + " (" + worst->where + ") the right token of a held-out solution " +
            (drawn ? "is drawn with a probability of " + percent(worst->likely_after) + " instead of " + percent(worst->likely_before)
                   : "comes first at " + percent(worst->right_after) + " of the places instead of " + percent(worst->right_before)) +
            ".";
        finding.figures = {{"right_before", worst->right_before},
                           {"right_after", worst->right_after},
                           {"likely_before", worst->likely_before},
                           {"likely_after", worst->likely_after}};
        sampling = {
            {"do_sample", false}, {"temperature", 1.0}, {"repetition_penalty", 1.0}, {"no_repeat_ngram_size", 0}, {"typical_p", 1.0}};
    }
    if (cut) {
        finding.evidence += std::string(undone ? " And replies" : "Replies") + " end after " +
                            std::to_string(evidence.config.sampling.max_new_tokens) + " tokens, but half of the solutions have more than " +
                            std::to_string(evidence.examples.median_solution) + ".";
        finding.figures["max_new_tokens"] = evidence.config.sampling.max_new_tokens;
        finding.figures["median_solution"] = evidence.examples.median_solution;
        sampling["max_new_tokens"] = std::min<std::int64_t>(1'024, 2 * evidence.examples.median_solution);
    }
    finding.advice = "Take the most probable token, without penalties, and let it write as long as solutions are.";
    finding.changes = {{"sampling", std::move(sampling)}};
    finding.page = "playground";
    return finding;
}

}  // namespace lossmith::causes
