#include "core/engine/loss/check/CheckBatch.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "core/base/Resources.h"
#include "core/data/Import.h"
#include "core/data/Template.h"
#include "core/engine/training/MicroBatch.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/TemplateStore.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t longest_checked = 64;
constexpr std::int64_t sample_rows = 64;
constexpr int longest_reply = 48;

struct TextRow {
    std::int64_t id = 0;
    std::string problem, solution;
};

Result<std::vector<TextRow>> rows_of_sample(std::int64_t wanted) {
    const auto path = LOSSMITH_TRY(resource("samples/complaints.csv"));
    const ImportGuess guess = LOSSMITH_TRY(guess_import(path));
    std::vector<TextRow> rows;
    constexpr const char* enough = "enough";
    const RowSink sink{[&](SourceRow row) -> Status {
                           if (static_cast<std::int64_t>(rows.size()) >= wanted) return failure(Error::internal(enough));
                           rows.push_back({static_cast<std::int64_t>(rows.size()) + 1, std::move(row.problem), std::move(row.solution)});
                           return {};
                       },
                       [](SetAsideRow) -> Status { return {}; }};
    const auto counts = read_rows(path, guess.options, sink);
    if (!counts && counts.error().message != enough) return failure(counts.error());
    return rows;
}

Result<std::vector<TextRow>> rows_of_project(Project& project, std::int64_t first, std::int64_t wanted) {
    std::vector<TextRow> rows;
    for (Row& row : LOSSMITH_TRY(project.data().rows(Split::Train, wanted, first)))
        rows.push_back({row.id, std::move(row.problem), std::move(row.solution)});
    return rows;
}

/// The completion and what fits before it.
void cut_on_the_left(Example& example) {
    if (example.input_ids.size() <= longest_checked) return;
    const auto dropped = static_cast<std::ptrdiff_t>(example.input_ids.size() - longest_checked);
    example.input_ids.erase(example.input_ids.begin(), example.input_ids.begin() + dropped);
    example.labels.erase(example.labels.begin(), example.labels.begin() + dropped);
}

}  // namespace

Result<CheckBatch> make_check_batch(const CheckBatchRequest& request, Project* project, ModelCache& models) {
    CheckBatch batch;
    batch.model = LOSSMITH_TRY(models.get(request.model, project));
    const Tokenizer& tokenizer = *batch.model->tokenizer;
    batch.rows_there = project != nullptr ? LOSSMITH_TRY(project->data().count(Split::Train)) : sample_rows;
    if (batch.rows_there == 0)
        return failure(Error::bad_input("The project has no training rows to try the loss on.")
                           .with_hint("Import a file with problems and solutions first."));
    const TemplateSpec spec = project != nullptr ? LOSSMITH_TRY(project->templates().current()) : TemplateSpec{};
    const std::int64_t wanted = std::clamp<std::int64_t>(request.rows, 1, 16);
    const std::int64_t first = request.first_row % batch.rows_there;
    batch.first_row = first;
    std::vector<TextRow> rows =
        project != nullptr ? LOSSMITH_TRY(rows_of_project(*project, first, wanted * 4)) : LOSSMITH_TRY(rows_of_sample(sample_rows));
    if (project == nullptr)
        rows.erase(rows.begin(), rows.begin() + std::min<std::ptrdiff_t>(first, static_cast<std::ptrdiff_t>(rows.size()) - 1));

    std::vector<Example> examples;
    for (const TextRow& row : rows) {
        if (static_cast<std::int64_t>(examples.size()) == wanted) break;
        const auto limit = static_cast<std::size_t>(batch.model->model.config().n_positions);
        auto example = encode_example(spec, tokenizer, row.problem, row.solution, limit);
        if (!example) return failure(std::move(example).error().at_row(row.id));
        cut_on_the_left(*example);
        if (predicted_labels(*example) == 0) continue;
        examples.push_back(std::move(*example));
        batch.row_ids.push_back(row.id);
        auto prompt = encode_prompt(spec, tokenizer, row.problem);
        if (!prompt) return failure(std::move(prompt).error().at_row(row.id));
        batch.prompts.push_back({row.problem, row.solution, std::move(*prompt)});
    }
    if (examples.empty())
        return failure(
            Error::bad_input("None of these rows has a labelled token.").with_hint("Look at the template's labels, or at other rows."));

    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const Gpt2& model = batch.model->model;
    const MicroBatch tensors =
        make_micro_batch(examples, order, model.config().pad_token_id.value_or(model.config().eos_token_id.value_or(0)));
    const at::NoGradGuard no_graph;
    const auto begin = std::chrono::steady_clock::now();
    batch.inputs.hidden_states = model.hidden(tensors.input_ids);
    batch.inputs.logits = model.logits(batch.inputs.hidden_states);
    batch.forward_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    batch.inputs.base_logits = batch.inputs.logits;
    batch.inputs.embeddings = model.token_embedding().detach();
    batch.inputs.labels = tensors.row_labels;
    batch.inputs.input_ids = tensors.input_ids;
    batch.inputs.attention_mask = tensors.attention_mask;
    for (const Example& example : examples) {
        std::vector<std::string> texts;
        for (std::size_t t = 1; t < example.input_ids.size(); ++t) texts.emplace_back(tokenizer.bytes_of(example.input_ids[t]));
        batch.texts.push_back(std::move(texts));
    }
    return batch;
}

Result<std::vector<GeneratedText>> replies_of(const CheckBatch& batch, const CancellationToken& cancelled) {
    GenerationRequest request;
    request.sampling.max_new_tokens = longest_reply;
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < batch.prompts.size(); ++i) {
        if (batch.prompts[i].ids.empty()) continue;
        asked.push_back(i);
        request.prompts.push_back(batch.prompts[i].ids);
    }
    auto texts = LOSSMITH_TRY(generate(*batch.model, request, {}, cancelled));
    std::vector<GeneratedText> replies(batch.prompts.size());
    for (std::size_t i = 0; i < asked.size(); ++i) replies[asked[i]] = std::move(texts[i]);
    return replies;
}

Result<std::vector<GeneratedText>> CheckBatchCache::replies(const CancellationToken& cancelled) {
    if (!m_batch) return failure(Error::internal("There is no batch yet that a reward could be tried on."));
    if (m_replies.empty()) m_replies = LOSSMITH_TRY(replies_of(*m_batch, cancelled));
    return m_replies;
}

Result<std::shared_ptr<const CheckBatch>> CheckBatchCache::get(const CheckBatchRequest& request, Project* project, ModelCache& models) {
    const auto model = LOSSMITH_TRY(models.get(request.model, project));
    Json key = {{"model", model->folder.string()},
                {"address", reinterpret_cast<std::uintptr_t>(model.get())},
                {"rows", request.rows},
                {"first", request.first_row}};
    if (project != nullptr) {
        key["project"] = project->folder().string();
        key["template"] = Json(LOSSMITH_TRY(project->templates().current()));
        key["count"] = LOSSMITH_TRY(project->data().count());
        Json stored = Json::array();
        for (const DataSource& source : LOSSMITH_TRY(project->data().sources())) stored.push_back({source.id, source.sha256, source.rows});
        key["sources"] = stored;
    }
    if (m_batch && m_key == key.dump()) return m_batch;
    m_batch = std::make_shared<CheckBatch>(LOSSMITH_TRY(make_check_batch(request, project, models)));
    m_key = key.dump();
    m_replies.clear();
    return m_batch;
}

}  // namespace lossmith::engine
