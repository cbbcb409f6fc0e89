#include "core/engine/training/Dataset.h"

#include <algorithm>

#include "core/data/Template.h"
#include "core/engine/training/MicroBatch.h"
#include "core/project/DataStore.h"

namespace lossmith::engine {
namespace {

std::vector<Example> pack(const std::vector<Example>& examples, std::size_t block) {
    std::vector<Example> blocks;
    Example open;
    for (const Example& example : examples)
        for (std::size_t begin = 0; begin < example.input_ids.size();) {
            const std::size_t count = std::min(block - open.input_ids.size(), example.input_ids.size() - begin);
            const auto first = static_cast<std::ptrdiff_t>(begin);
            const auto last = static_cast<std::ptrdiff_t>(begin + count);
            open.input_ids.insert(open.input_ids.end(), example.input_ids.begin() + first, example.input_ids.begin() + last);
            open.labels.insert(open.labels.end(), example.labels.begin() + first, example.labels.begin() + last);
            begin += count;
            if (open.input_ids.size() == block) blocks.push_back(std::exchange(open, {}));
        }
    if (predicted_labels(open) > 0) blocks.push_back(std::move(open));
    return blocks;
}

/// Rows of a split as examples.
struct RowEncoder {
    const RunConfig& config;
    const Tokenizer& tokenizer;
    std::size_t longest;
    std::map<std::int64_t, RowLabels> by_hand;
    const CancellationToken& cancelled;

    [[nodiscard]] Result<Example> encode(const Row& row) const;
    [[nodiscard]] Result<std::vector<Example>> encode(const std::vector<Row>& rows) const;
};

Result<Example> RowEncoder::encode(const Row& row) const {
    // Packing cuts nothing away, so nothing is truncated before it.
    const std::size_t length = config.packing ? 0 : longest;
    const auto labels = by_hand.find(row.id);
    const TemplateSpec& spec = *config.template_spec;
    auto example =
        encode_example(spec, tokenizer, row.problem, row.solution, length, labels == by_hand.end() ? RowLabels{} : labels->second);
    if (!example) return failure(std::move(example).error().at_row(row.id));
    if (config.padding == "max_length") LOSSMITH_CHECK(pad_example(*example, spec, tokenizer, longest));
    return example;
}

Result<std::vector<Example>> RowEncoder::encode(const std::vector<Row>& rows) const {
    std::vector<Example> examples;
    examples.reserve(rows.size());
    for (const Row& row : rows) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        examples.push_back(LOSSMITH_TRY(encode(row)));
    }
    return examples;
}

std::vector<SamplePrompt> first_prompts(const std::vector<Row>& rows, int count, const RunConfig& config, const Tokenizer& tokenizer,
                                        std::size_t longest) {
    std::vector<SamplePrompt> prompts;
    for (const Row& row : rows) {
        if (static_cast<int>(prompts.size()) >= count) break;
        auto ids = encode_prompt(*config.template_spec, tokenizer, row.problem);
        auto solved = encode_example(*config.template_spec, tokenizer, row.problem, row.solution, longest);
        if (ids && !ids->empty() && solved) prompts.push_back({row.problem, row.solution, std::move(*ids), std::move(*solved)});
    }
    return prompts;
}

/// A completion is drawn after each training row's prompt, so each must have one.
Result<SamplePrompt> training_prompt(const Row& row, const RunConfig& config, const Tokenizer& tokenizer) {
    auto ids = encode_prompt(*config.template_spec, tokenizer, row.problem);
    if (!ids) return failure(std::move(ids).error().at_row(row.id));
    if (ids->empty())
        return failure(
            Error::bad_input("The prompt of row " + std::to_string(row.id) + " is empty, so no completion can be drawn after it.")
                .with_hint("Give the template a start token or some text before the completion."));
    return SamplePrompt{row.problem, row.solution, std::move(*ids)};
}

}  // namespace

std::size_t longest_example(const RunConfig& config, std::int64_t n_positions) {
    return static_cast<std::size_t>(config.max_length > 0 ? std::min(config.max_length, n_positions) : n_positions);
}

Result<PreparedData> prepare_data(Project& project, const RunConfig& config, const Tokenizer& tokenizer, std::int64_t n_positions,
                                  const CancellationToken& cancelled) {
    const std::size_t longest = longest_example(config, n_positions);
    const auto train_rows = LOSSMITH_TRY(project.data().rows(Split::Train));
    const auto validation_rows = LOSSMITH_TRY(project.data().rows(Split::Validation));
    if (train_rows.empty())
        return failure(Error::bad_input("The project has no training rows.").with_hint("Import a file with problems and solutions first."));

    PreparedData data;
    data.rows = static_cast<std::int64_t>(train_rows.size());
    const RowEncoder encoder{config, tokenizer, longest, LOSSMITH_TRY(project.data().labels_by_hand()), cancelled};
    auto examples = LOSSMITH_TRY(encoder.encode(train_rows));
    data.set.validation = LOSSMITH_TRY(encoder.encode(validation_rows));
    for (std::size_t i = 0; i < examples.size(); ++i) {
        if (examples[i].truncated_tokens > 0) ++data.truncated_rows;
        if (predicted_labels(examples[i]) == 0 && !config.packing)
            data.unlabelled_rows.push_back(train_rows[i].id);
        else {
            if (config.reward) data.set.train_prompts.push_back(LOSSMITH_TRY(training_prompt(train_rows[i], config, tokenizer)));
            data.set.train.push_back(std::move(examples[i]));
            if (!config.packing) data.train_rows.push_back(train_rows[i].id);
        }
    }
    if (config.packing) {
        data.set.train = pack(data.set.train, longest);
        data.set.validation = pack(data.set.validation, longest);
    }
    if (data.set.train.empty())
        return failure(Error::bad_input("No training row has a labelled token, so there is nothing to learn.")
                           .with_hint("Raise max_length, truncate from the left, or check the template's completion."));
    for (const Example& example : data.set.train) {
        data.tokens += static_cast<std::int64_t>(example.input_ids.size());
        data.labelled_tokens += predicted_labels(example);
    }
    data.set.prompts =
        first_prompts(validation_rows.empty() ? train_rows : validation_rows, config.sample_prompts, config, tokenizer, longest);
    if (config.reward)
        data.set.validation_prompts =
            first_prompts(validation_rows.empty() ? train_rows : validation_rows, config.reward->eval_prompts, config, tokenizer, longest);
    return data;
}

}  // namespace lossmith::engine
