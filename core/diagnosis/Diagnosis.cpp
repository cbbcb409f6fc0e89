#include "core/diagnosis/Diagnosis.h"

#include <algorithm>
#include <array>

namespace lossmith {
namespace {

constexpr std::array kinds = {
    CauseKind{Cause::NotFinite, "not_finite", "The loss stopped being a number",
              "From the step on which a loss or gradient is NaN or infinite no weight can be moved any more; the run ends there."},
    CauseKind{Cause::NoGradient, "no_gradient", "No gradient reaches the weights",
              "The loss is computed but nothing is learnt from it: the curve stays where it began and the texts are the base's."},
    CauseKind{
        Cause::WrongTokenizer, "wrong_tokenizer", "The tokenizer does not belong to the weights",
        "Each id means another word to the model than to the tokenizer, so that the text reads as noise to it, and what it knew is lost."},
    CauseKind{Cause::PaddingLabelled, "padding_labelled", "Padding counts as text",
              "Padding is the easiest thing to predict: the loss falls almost to nothing while the solutions are as bad as before."},
    CauseKind{Cause::NewTokensRandom, "new_tokens_random", "Added tokens take the probability",
              "A random embedding's logit lies near 0 where those of all known tokens lie far below: softmax gives the new tokens "
              "everything, and "
              "training begins by undoing that."},
    CauseKind{Cause::SolutionsTruncated, "solutions_truncated", "Solutions are cut off",
              "The model is shown texts that break off, never their ends, and writes such texts."},
    CauseKind{Cause::EndNotLabelled, "end_not_labelled", "The end is never learnt",
              "Nothing tells the model when a solution is over, so it writes on until it is stopped, often into another story."},
    CauseKind{Cause::RowsLeak, "rows_leak", "Held-out rows stand in training",
              "The validation loss is that of rows the model knows by heart: it looks better than anything new will be."},
    CauseKind{Cause::PromptMismatch, "prompt_mismatch", "It is asked otherwise than it was taught",
              "A prompt that differs from the template by a space or a missing marker is a place the model has never seen."},
    CauseKind{Cause::PairsUnrelated, "pairs_unrelated", "Problems and solutions do not belong together",
              "The loss falls because the model learns what solutions sound like; which one answers which problem cannot be learnt."},
    CauseKind{
        Cause::ProblemLabelled, "problem_labelled", "The problem is learnt too",
        "Part of every step goes into predicting the problem, which is given anyway; the loss is a mean over both and says little of the "
        "solutions."},
    CauseKind{Cause::RateTooHigh, "rate_too_high", "The learning rate is too high",
              "Steps overshoot: the loss jumps or climbs, and what the base knew is destroyed."},
    CauseKind{Cause::Memorised, "memorised", "Learnt by heart",
              "The training loss goes on falling while that of held-out rows rises: the model recites rows instead of answering."},
    CauseKind{Cause::RateTooLow, "rate_too_low", "The learning rate is too low",
              "Each step hardly moves the weights, so that the loss creeps down and the texts stay near the base's."},
    CauseKind{Cause::TooFewSteps, "too_few_steps", "Too few steps", "It was still learning when it ended."},
    CauseKind{Cause::SamplingUndoesTraining, "sampling_undoes_training", "Sampling undoes the training",
              "The model knows the right token, but the settings of generation take it away."},
    CauseKind{
        Cause::BaseTooSmall, "base_too_small", "The base is too small for the task",
        "The loss has come to rest high above what would be an answer: even rows that it has seen again and again it cannot reproduce."},
};

Json finding_json(const Finding& finding) {
    const CauseKind& kind = kind_of(finding.cause);
    return {{"cause", kind.name},       {"title", kind.title},        {"evidence", finding.evidence}, {"effect", kind.effect},
            {"advice", finding.advice}, {"figures", finding.figures}, {"changes", finding.changes},   {"page", finding.page}};
}

Finding finding_from(const Json& json) {
    Finding finding;
    const CauseKind* kind = find_cause(json.at("cause").get<std::string>());
    if (kind == nullptr) throw std::invalid_argument("an unknown cause");
    finding.cause = kind->cause;
    finding.evidence = json.at("evidence").get<std::string>();
    finding.advice = json.at("advice").get<std::string>();
    finding.figures = json.at("figures");
    finding.changes = json.at("changes");
    finding.page = json.at("page").get<std::string>();
    return finding;
}

}  // namespace

std::span<const CauseKind> cause_kinds() {
    return kinds;
}

const CauseKind& kind_of(Cause cause) {
    return kinds[static_cast<std::size_t>(cause)];
}

const CauseKind* find_cause(std::string_view name) {
    const auto found = std::ranges::find_if(kinds, [name](const CauseKind& kind) { return kind.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

void to_json(Json& json, const Diagnosis& diagnosis) {
    Json findings = Json::array();
    for (const Finding& finding : diagnosis.findings) findings.push_back(finding_json(finding));
    json = {{"run", diagnosis.run},
            {"at", diagnosis.at},
            {"findings", std::move(findings)},
            {"looked", diagnosis.looked},
            {"passed", diagnosis.passed}};
}

Result<Diagnosis> diagnosis_from_json(const Json& json) {
    try {
        Diagnosis diagnosis;
        diagnosis.run = json.at("run").get<std::int64_t>();
        diagnosis.at = json.at("at").get<std::string>();
        for (const Json& finding : json.at("findings")) diagnosis.findings.push_back(finding_from(finding));
        diagnosis.looked = json.at("looked").get<std::vector<std::string>>();
        diagnosis.passed = json.at("passed").get<std::vector<std::string>>();
        return diagnosis;
    } catch (const std::exception& exception) {
        return failure(
            Error::bad_input(std::string("This is not a diagnosis: ") + exception.what() + ".").with_hint("Ask the Doctor again."));
    }
}

Result<RunConfig> cured(const RunConfig& config, std::span<const Finding> findings) {
    Json json = config;
    for (auto finding = findings.rbegin(); finding != findings.rend(); ++finding) json.merge_patch(finding->changes);
    RunConfig changed = LOSSMITH_TRY(run_config_from_json(json));
    changed.name = config.name.empty() ? std::string() : config.name + ", put right";
    if (auto wrong = changed.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    return changed;
}

}  // namespace lossmith
