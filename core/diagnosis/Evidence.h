// What a diagnosis is made from: a run's curves, what its examples consist of, and what its models answer. Plain figures.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/RunConfig.h"

namespace lossmith {

/// A metric of the run by step.
struct Curve {
    std::vector<std::int64_t> steps;
    std::vector<double> values;
    [[nodiscard]] bool empty() const { return values.empty(); }
};

/// Of the training examples, as the run's plan has them. Tokens that predict nothing (a row's first) do not count as labelled.
struct ExampleCounts {
    std::int64_t examples = 0;
    std::int64_t tokens = 0;
    std::int64_t labelled_prompt = 0, labelled_solution = 0, labelled_end = 0, labelled_padding = 0;
    std::int64_t ends_labelled = 0;    ///< examples whose end token is labelled
    std::int64_t cut_solutions = 0;    ///< examples that lost labelled tokens to max_length
    std::int64_t tokens_cut = 0;       ///< how many tokens those lost
    std::int64_t longest = 0;          ///< tokens of the longest example, before any was cut
    std::int64_t median_solution = 0;  ///< tokens of a solution
    std::int64_t with_problem = 0;     ///< rows whose problem is not blank
    [[nodiscard]] std::int64_t labelled() const { return labelled_prompt + labelled_solution + labelled_end + labelled_padding; }
};

/// Rows that occur where they should not. Equal: but for case and white space.
struct RowCounts {
    std::int64_t training = 0;
    std::int64_t held_out = 0;          ///< validation and test
    std::int64_t leaked = 0;            ///< held-out rows that stand in training too
    std::int64_t first_leaked = 0;      ///< the first of them
    std::int64_t its_training_row = 0;  ///< and the training row that equals it
    std::int64_t repeated = 0;          ///< training rows that repeat an earlier one
};

/// Mean losses on the same held-out rows, nats a solution token, by the run's model unless said otherwise.
struct HeldOutLosses {
    std::int64_t rows = 0;
    double base = 0.0;  ///< by the model that the run began from
    double tuned = 0.0;
    double training_rows = 0.0;                 ///< tuned, on rows it was trained on
    std::optional<double> other_problem;        ///< tuned, each solution after another row's problem
    std::optional<double> other_problem_error;  ///< standard error of (other_problem - tuned) over rows
};

/// How the base model takes the text of the problems.
struct BaseFit {
    std::int64_t tokens = 0;
    double loss = 0.0;     ///< nats a token
    double entropy = 0.0;  ///< of what it expected, nats
    std::int64_t vocabulary = 0;
};

/// The template's added tokens beside all others, at the places where solutions begin and go on, before the first step.
struct AddedTokensShare {
    std::vector<std::string> names;
    double probability = 0.0;    ///< that all of them together get, mean
    double mean_logit = 0.0;     ///< theirs
    double others_logit = 0.0;   ///< mean of all others
    double highest_other = 0.0;  ///< mean over places of the largest of the others
};

/// A prompt at generation that training never showed.
struct PromptDeviation {
    std::string what;         ///< "a space at its end", "without the template's “\nSolution:”"
    std::int64_t texts = 0;   ///< how many kept texts were had so; 0: every text from now on, since the template was changed
    double loss = 0.0;        ///< nats a solution token after such prompts
    double usual_loss = 0.0;  ///< after the prompts of training
};

/// Sampling settings held against the model's own probabilities, at the tokens of held-out solutions.
struct SamplingEffect {
    std::string where;  ///< "the run's samples", "texts in Playground"
    SamplingConfig config;
    std::int64_t places = 0;
    double right_before = 0.0;   ///< share of places where the true token is the most probable: by the model
    double right_after = 0.0;    ///< and after the settings
    double likely_before = 0.0;  ///< mean probability of the true token: by the model
    double likely_after = 0.0;
};

struct Evidence {
    RunConfig config;  ///< as recorded, the template filled in
    std::string status;
    std::string message;
    std::int64_t step = 0;
    std::int64_t total_steps = 0;
    double epochs = 0.0;  ///< how often each example was seen
    std::vector<std::string> event_kinds;
    Curve train_loss, validation_loss, gradient_norm;
    Curve padding_loss, solution_loss;  ///< of the validation rows, by kind of token

    ExampleCounts examples;
    RowCounts rows;
    std::int64_t parameters = 0;
    std::optional<double> weights_moved;    ///< |after - before| / |before|, over all weights
    std::optional<double> end_probability;  ///< that the tuned model gives the end token where held-out solutions end
    std::optional<double> copied_share;     ///< of the words of its samples that stand in one stretch in a training solution
    std::optional<HeldOutLosses> losses;
    std::optional<BaseFit> base_fit;
    std::optional<AddedTokensShare> added_tokens;
    std::vector<PromptDeviation> prompt_deviations;
    std::vector<SamplingEffect> sampling_effects;
    std::vector<std::string> passed;  ///< what could not be looked at, and why
};

}  // namespace lossmith
