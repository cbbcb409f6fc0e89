// How a problem and its solution become the text that the model sees, and which part of it is learnt.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/data/LabelMask.h"

namespace lossmith {

class Tokenizer;

/// What is labelled, i.e. counted in the loss.
enum class LabelRule {
    SolutionOnly,
    ProblemToo,
    AfterMarker,  ///< what stands after the first `label_marker`
    LastTokens,   ///< the last `label_tokens`
    Pattern       ///< what `label_pattern` matches
};

/// What the embeddings of added tokens start as.
enum class AddedTokensInit {
    Mean,   ///< the mean of the known ones: their logits are as the others' mean
    Random  ///< normal with deviation initializer_range, as transformers did it for long: see engine::grow_vocabulary
};

/// From which end an example longer than `max_length` loses tokens.
enum class TruncationSide { Left, Right };

/// Text around the columns. `{problem}` and `{solution}` stand for the row's cells and each must occur once;
/// `{{` and `}}` are literal braces.
struct TemplateSpec {
    std::string prompt = "Problem: {problem}\nSolution:";
    std::string completion = " {solution}";
    std::string start_token;                  ///< put before the prompt, e.g. "<|endoftext|>"; empty: none
    std::string end_token = "<|endoftext|>";  ///< put after the completion and labelled; empty: none
    std::vector<std::string> added_tokens;    ///< special tokens the vocabulary is to be grown by
    AddedTokensInit added_tokens_init = AddedTokensInit::Mean;
    std::string pad_token;       ///< what fills rows up where a run pads them; empty: the end token
    bool label_padding = false;  ///< padding counts in the loss as if it were text: only to see what that does
    LabelRule labels = LabelRule::SolutionOnly;
    std::string label_marker;  ///< of the rule AfterMarker: text of the example, e.g. "Solution:"
    int label_tokens = 16;     ///< of the rule LastTokens, the end token counted
    std::string
        label_pattern;  ///< of the rule Pattern: a regular expression (PCRE) on the example's text; its first group where it has one
    TruncationSide truncation_side = TruncationSide::Right;
    bool special_tokens_in_text = false;  ///< a literal "<|endoftext|>" in a cell is the token, not text

    bool operator==(const TemplateSpec&) const = default;

    [[nodiscard]] std::vector<Error> validate() const;
};

/// "solution_only", "problem_too", "after_marker", "last_tokens", "pattern"
void to_json(Json& json, const LabelRule& rule);
void to_json(Json& json, const AddedTokensInit& init);  ///< "mean", "random"
void to_json(Json& json, const TruncationSide& side);   ///< "left", "right"
void to_json(Json& json, const TemplateSpec& spec);

/// `path` names the value in errors, e.g. "template" inside a run's config.
[[nodiscard]] Status read_value(const Json& json, const std::string& path, TemplateSpec& target);
[[nodiscard]] Result<TemplateSpec> template_spec_from_json(const Json& json);

/// The template that makes plain text of a row whose problem is empty: only the solution, ended and labelled.
[[nodiscard]] TemplateSpec plain_text_template();

/// The prompt for a problem, and the completion for a solution, without special tokens: the text that is encoded.
[[nodiscard]] std::string prompt_text(const TemplateSpec& spec, const std::string& problem);
[[nodiscard]] std::string completion_text(const TemplateSpec& spec, const std::string& solution);

/// A row after template and tokenizer: what the trainer feeds and what the Tokens page shows.
struct Example {
    std::vector<std::int32_t> input_ids;
    std::vector<std::int64_t> labels;  ///< the token's own id where it is labelled, else -100; not shifted
    std::size_t prompt_tokens = 0;     ///< how many leading ids come from start token and prompt
    std::size_t truncated_tokens = 0;  ///< how many were cut away to fit max_length
    std::size_t padding_tokens = 0;    ///< how many trailing ids are padding: see pad_example()
    bool ended = false;                ///< the last token before the padding is the template's end token
    [[nodiscard]] std::size_t labelled_tokens() const;
};

inline constexpr std::int64_t ignore_index = -100;  ///< torch.nn.CrossEntropyLoss's default

/// Prompt and completion are encoded apart, then joined, so that a prompt at generation has the very ids of training.
/// `max_length` 0: no limit. Fails when a special token of the spec is not in the tokenizer, or when its label pattern takes too
/// long.
[[nodiscard]] Result<Example> encode_example(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem,
                                             const std::string& solution, std::size_t max_length, const RowLabels& by_hand = {});

/// Fills an example up at its right to `length` tokens with the spec's padding token, labelled where the spec says so.
/// Fails when that token is not in the tokenizer.
[[nodiscard]] Status pad_example(Example& example, const TemplateSpec& spec, const Tokenizer& tokenizer, std::size_t length);

/// The prompt's ids alone, as generation feeds them.
[[nodiscard]] Result<std::vector<std::int32_t>> encode_prompt(const TemplateSpec& spec, const Tokenizer& tokenizer,
                                                              const std::string& problem);

}  // namespace lossmith
