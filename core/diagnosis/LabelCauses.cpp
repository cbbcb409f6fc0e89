// What is wrong with the rows and with what of them is learnt.
#include <algorithm>

#include "core/diagnosis/Causes.h"
#include "core/diagnosis/Words.h"

namespace lossmith::causes {
namespace {

using namespace diagnosis_words;

/// A share of labels from which on it steers the loss more than the solutions do.
constexpr double steering = 0.2;
/// Below this the odd row is no reason to begin anew.
constexpr double odd_rows = 0.05;

}  // namespace

std::optional<Finding> padding_labelled(const Evidence& evidence) {
    const ExampleCounts& counts = evidence.examples;
    const double of_labels = share(counts.labelled_padding, counts.labelled());
    if (of_labels < steering) return {};
    Finding finding;
    finding.cause = Cause::PaddingLabelled;
    finding.evidence = percent(of_labels) + " of the labelled tokens are padding: " + counted(counts.labelled_padding, "token", "tokens") +
                       " beside " + counted(counts.labelled_solution + counts.labelled_end, "token", "tokens") + " of solutions.";
    if (!evidence.padding_loss.empty() && !evidence.solution_loss.empty() && !evidence.validation_loss.empty()) {
        const double all = evidence.validation_loss.values.back();
        const double padding = evidence.padding_loss.values.back();
        const double solution = evidence.solution_loss.values.back();
        finding.evidence += " The validation loss reads " + nats(all) + ", but it is " + nats(padding) + " on padding and " +
                            nats(solution) + " on solutions.";
        finding.figures["validation_loss"] = all;
        finding.figures["padding_loss"] = padding;
        finding.figures["solution_loss"] = solution;
    }
    finding.figures["padding_share"] = of_labels;
    finding.advice = "Leave padding out of the loss, and fill rows up no further than their batch needs.";
    finding.changes = {{"padding", "longest"}, {"template", {{"label_padding", false}}}};
    return finding;
}

std::optional<Finding> problem_labelled(const Evidence& evidence) {
    const ExampleCounts& counts = evidence.examples;
    const double of_labels = share(counts.labelled_prompt, counts.labelled() - counts.labelled_padding);
    // Rows of plain text have no problem, and all of them is meant to be learnt.
    if (of_labels < steering || share(counts.with_problem, counts.examples) < 0.5) return {};
    Finding finding;
    finding.cause = Cause::ProblemLabelled;
    finding.evidence = percent(of_labels) + " of the labelled tokens of text belong to the problem.";
    finding.figures["prompt_share"] = of_labels;
    finding.advice = "Label the solution only.";
    finding.changes = {{"template", {{"labels", "solution_only"}}}};
    return finding;
}

std::optional<Finding> end_not_labelled(const Evidence& evidence) {
    const ExampleCounts& counts = evidence.examples;
    const TemplateSpec spec = evidence.config.template_spec.value_or(TemplateSpec{});
    const double with_end = share(counts.ends_labelled, counts.examples);
    // In joined blocks no end is counted; a text that is ended by a stop string needs no end token; what is cut loses its end by that.
    const bool ended_otherwise = !evidence.config.sampling.stop_strings.empty();
    if (counts.examples == 0 || evidence.config.packing || ended_otherwise || with_end >= 0.5) return {};
    if (!spec.end_token.empty() && share(counts.cut_solutions, counts.examples) >= 0.5) return {};
    Finding finding;
    finding.cause = Cause::EndNotLabelled;
    finding.evidence = spec.end_token.empty() ? "The template has no end token: none of " +
                                                    counted(counts.examples, "example", "examples") + " says where a solution is over."
                                              : "The end token is labelled in " + percent(with_end) + " of " +
                                                    counted(counts.examples, "example", "examples") + ".";
    if (evidence.end_probability) {
        finding.evidence +=
            " Where a held-out solution ends, the model gives the end a probability of " + percent(*evidence.end_probability) + ".";
        finding.figures["end_probability"] = *evidence.end_probability;
    }
    finding.figures["ends_labelled_share"] = with_end;
    finding.advice = "End each solution with the end token and label it.";
    const std::string end = spec.end_token.empty() ? "<|endoftext|>" : spec.end_token;
    finding.changes = {{"template", {{"end_token", end}, {"labels", "solution_only"}}}};
    return finding;
}

std::optional<Finding> solutions_truncated(const Evidence& evidence) {
    const ExampleCounts& counts = evidence.examples;
    const double cut = share(counts.cut_solutions, counts.examples);
    if (cut < odd_rows || evidence.config.packing) return {};
    Finding finding;
    finding.cause = Cause::SolutionsTruncated;
    finding.evidence = "In " + percent(cut) + " of the examples (" + counted(counts.cut_solutions, "row", "rows") +
                       ") the solution is cut, by " +
                       counted(counts.tokens_cut / std::max<std::int64_t>(1, counts.cut_solutions), "token", "tokens") + " on average.";
    finding.figures = {
        {"cut_share", cut}, {"tokens_cut", counts.tokens_cut}, {"max_length", evidence.config.max_length}, {"longest", counts.longest}};
    if (evidence.config.max_length > 0) {
        finding.advice = "Let rows be as long as the model can see; the longest has " + counted(counts.longest, "token", "tokens") + ".";
        finding.changes = {{"max_length", 0}};
    } else {
        finding.advice =
            "The model sees no more at once: cut from the left, so that the problem's beginning goes instead, or shorten the rows.";
        finding.changes = {{"template", {{"truncation_side", "left"}}}};
        finding.page = "data";
    }
    return finding;
}

std::optional<Finding> rows_leak(const Evidence& evidence) {
    const RowCounts& rows = evidence.rows;
    const double leaked = share(rows.leaked, rows.held_out);
    const double repeated = share(rows.repeated, rows.training);
    const bool much_leaks = rows.leaked >= 3 && leaked >= odd_rows;
    if (!much_leaks && repeated < 0.25) return {};
    Finding finding;
    finding.cause = Cause::RowsLeak;
    if (much_leaks)
        finding.evidence = percent(leaked) + " of the held-out rows (" + counted(rows.leaked, "row", "rows") +
                           ") stand in training too; row " + std::to_string(rows.first_leaked) + " is training row " +
                           std::to_string(rows.its_training_row) + ". ";
    if (repeated >= 0.25) finding.evidence += percent(repeated) + " of the training rows repeat an earlier one.";
    finding.figures = {
        {"leaked_share", leaked}, {"leaked", rows.leaked}, {"repeated_share", repeated}, {"first_leaked", rows.first_leaked}};
    finding.advice = "Remove the source that holds them again on the page Data, then run again: only new rows tell how good the model is.";
    finding.page = "data";
    return finding;
}

}  // namespace lossmith::causes
