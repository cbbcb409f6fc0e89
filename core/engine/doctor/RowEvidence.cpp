#include "core/engine/doctor/RowEvidence.h"

#include <algorithm>
#include <unordered_map>

#include "core/comparison/Words.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/KindLoss.h"
#include "core/project/DataStore.h"

namespace lossmith::engine {
namespace {

/// Equal for rows that differ in case, white space and punctuation only.
std::string essence(const Row& row) {
    std::string text;
    for (const std::string* cell : {&row.problem, &row.solution}) {
        for (const std::string& word : score_words(*cell)) text.append(word).push_back(' ');
        text.push_back('\x1f');
    }
    return text;
}

void count_example(const Example& example, ExampleCounts& counts, std::vector<std::int64_t>& solutions) {
    const std::size_t real = example.input_ids.size() - example.padding_tokens;
    ++counts.examples;
    counts.tokens += static_cast<std::int64_t>(example.input_ids.size());
    counts.longest = std::max(counts.longest, static_cast<std::int64_t>(real + example.truncated_tokens));
    // From the right the solution goes first; from the left only once the whole prompt is gone.
    if (example.truncated_tokens > 0 && (!example.ended || example.prompt_tokens == 0)) {
        ++counts.cut_solutions;
        counts.tokens_cut += static_cast<std::int64_t>(example.truncated_tokens);
    }
    std::int64_t solution = 0;
    for (std::size_t place = 1; place < example.input_ids.size(); ++place) {
        const TokenKind kind = kind_of(example, place);
        if (kind == TokenKind::Completion) ++solution;
        if (example.labels[place] == ignore_index) continue;
        switch (kind) {
            case TokenKind::Start:
            case TokenKind::Prompt: ++counts.labelled_prompt; break;
            case TokenKind::Completion: ++counts.labelled_solution; break;
            case TokenKind::End:
                ++counts.labelled_end;
                ++counts.ends_labelled;
                break;
            case TokenKind::Padding: ++counts.labelled_padding; break;
        }
    }
    solutions.push_back(solution);
}

}  // namespace

Result<ExampleCounts> count_examples(Project& project, const RunConfig& config, const Tokenizer& tokenizer, std::int64_t n_positions,
                                     const CancellationToken& cancelled) {
    // Joined blocks hide what each token is; the rows are counted as they would be alone.
    RunConfig apart = config;
    apart.packing = false;
    const PreparedData data = LOSSMITH_TRY(prepare_data(project, apart, tokenizer, n_positions, cancelled));
    ExampleCounts counts;
    std::vector<std::int64_t> solutions;
    for (const Example& example : data.set.train) count_example(example, counts, solutions);
    // Rows whose whole solution was cut away were left out of training; they belong to the cut ones all the same.
    if (data.truncated_rows > 0) {
        counts.examples += static_cast<std::int64_t>(data.unlabelled_rows.size());
        counts.cut_solutions += static_cast<std::int64_t>(data.unlabelled_rows.size());
    }
    if (!solutions.empty()) {
        const auto middle = solutions.begin() + static_cast<std::ptrdiff_t>(solutions.size() / 2);
        std::nth_element(solutions.begin(), middle, solutions.end());
        counts.median_solution = *middle;
    }
    for (const Row& row : LOSSMITH_TRY(project.data().rows(Split::Train)))
        if (!trimmed(row.problem).empty()) ++counts.with_problem;
    return counts;
}

Result<RowCounts> count_rows(Project& project, const CancellationToken& cancelled) {
    RowCounts counts;
    std::unordered_map<std::string, std::int64_t> training;
    for (const Row& row : LOSSMITH_TRY(project.data().rows(Split::Train))) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        ++counts.training;
        if (!training.emplace(essence(row), row.id).second) ++counts.repeated;
    }
    for (const Split split : {Split::Validation, Split::Test})
        for (const Row& row : LOSSMITH_TRY(project.data().rows(split))) {
            ++counts.held_out;
            const auto found = training.find(essence(row));
            if (found == training.end()) continue;
            if (counts.leaked++ == 0) {
                counts.first_leaked = row.id;
                counts.its_training_row = found->second;
            }
        }
    return counts;
}

}  // namespace lossmith::engine
