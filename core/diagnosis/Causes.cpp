#include "core/diagnosis/Causes.h"

#include "core/diagnosis/Words.h"

namespace lossmith {
namespace {

using namespace diagnosis_words;

constexpr Question questions[] = {
    causes::not_finite,        causes::no_gradient,         causes::wrong_tokenizer,  causes::padding_labelled,
    causes::new_tokens_random, causes::solutions_truncated, causes::end_not_labelled, causes::rows_leak,
    causes::prompt_mismatch,   causes::pairs_unrelated,     causes::problem_labelled, causes::rate_too_high,
    causes::memorised,         causes::rate_too_low,        causes::too_few_steps,    causes::sampling_undoes_training,
    causes::base_too_small,
};

}  // namespace

std::vector<Finding> find_causes(const Evidence& evidence) {
    const Json config = evidence.config;
    std::vector<Finding> findings;
    for (const Question question : questions) {
        auto finding = question(evidence);
        if (!finding) continue;
        Json changed = config;
        changed.merge_patch(finding->changes);
        // What the config already says is no change: then the fault lies elsewhere, e.g. in how texts were had afterwards.
        if (changed == config) finding->changes = Json::object();
        findings.push_back(std::move(*finding));
    }
    return findings;
}

std::vector<std::string> looked_at(const Evidence& evidence) {
    std::vector<std::string> lines;
    const ExampleCounts& counts = evidence.examples;
    if (evidence.status == "failed")
        lines.push_back("It failed after " + counted(evidence.step, "step", "steps") + ": " + evidence.message);
    if (counts.labelled() > 0)
        lines.push_back("Labels: " + percent(share(counts.labelled_solution + counts.labelled_end, counts.labelled())) + " solution, " +
                        percent(share(counts.labelled_prompt, counts.labelled())) + " problem, " +
                        percent(share(counts.labelled_padding, counts.labelled())) + " padding; the end is labelled in " +
                        percent(share(counts.ends_labelled, counts.examples)) + " of " + counted(counts.examples, "example", "examples") +
                        ", the solution cut in " + percent(share(counts.cut_solutions, counts.examples)) + ".");
    if (evidence.rows.held_out > 0)
        lines.push_back("Rows: " + counted(evidence.rows.leaked, "held-out row stands", "held-out rows stand") + " in training, " +
                        counted(evidence.rows.repeated, "training row repeats", "training rows repeat") + " another.");
    if (!evidence.train_loss.empty())
        lines.push_back("Curve: the training loss went from " + nats(evidence.train_loss.values.front()) + " to " +
                        nats(evidence.train_loss.values.back()) + " in " + counted(evidence.step, "step", "steps") +
                        (evidence.weights_moved ? ", the weights moved by " + percent(*evidence.weights_moved) + " of their size." : "."));
    if (evidence.losses) {
        const HeldOutLosses& losses = *evidence.losses;
        lines.push_back("Held-out solutions: " + nats(losses.base) + " nats a token by the base, " + nats(losses.tuned) + " tuned, " +
                        nats(losses.training_rows) + " on rows it was trained on" +
                        (losses.other_problem ? ", " + nats(*losses.other_problem) + " after another row's problem." : "."));
    }
    if (evidence.end_probability)
        lines.push_back("End: where a held-out solution is over, the model says so with a probability of " +
                        percent(*evidence.end_probability) + ".");
    if (evidence.base_fit)
        lines.push_back("Tokenizer: the base reads the problems at " + nats(evidence.base_fit->loss) + " nats a token, expecting " +
                        nats(evidence.base_fit->entropy) + ".");
    if (evidence.added_tokens)
        lines.push_back("Added tokens: " + percent(evidence.added_tokens->probability) + " of the probability before the first step.");
    return lines;
}

}  // namespace lossmith
