#include "core/engine/comparison/CompareRun.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>

#include "core/comparison/Words.h"
#include "core/data/Template.h"
#include "core/engine/comparison/SolutionLoss.h"
#include "core/engine/comparison/TrainingCopies.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/DataStore.h"
#include "core/project/PromptStore.h"
#include "core/project/RunStore.h"
#include "core/project/TemplateStore.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t problems_at_once = 128;
constexpr int told_alternatives = 3;

Result<std::vector<ComparedProblem>> held_out(Project& project, std::int64_t limit) {
    for (const Split split : {Split::Test, Split::Validation}) {
        std::vector<ComparedProblem> problems;
        for (Row& row : LOSSMITH_TRY(project.data().rows(split, limit)))
            problems.push_back({std::move(row.problem), std::move(row.solution)});
        if (!problems.empty()) return problems;
    }
    return failure(Error::bad_input("The project has no held-out rows to compare on.")
                       .with_hint("Import a file with --split test, or give prompts with --prompts."));
}

/// "7@60"
struct RunAtStep {
    std::int64_t run = 0;
    std::optional<std::int64_t> step;  ///< absent: its best
};

std::optional<RunAtStep> run_at_step(const std::string& text) {
    RunAtStep read;
    const char* const end = text.data() + text.size();
    auto at = std::from_chars(text.data(), end, read.run);
    if (at.ec != std::errc() || read.run <= 0) return std::nullopt;
    if (at.ptr == end) return read;
    if (*at.ptr != '@') return std::nullopt;
    std::int64_t step = 0;
    at = std::from_chars(at.ptr + 1, end, step);
    if (at.ec != std::errc() || at.ptr != end) return std::nullopt;
    read.step = step;
    return read;
}

/// One column of the comparison.
struct Contender {
    std::string label;      ///< as the user knows it
    std::string reference;  ///< recorded with what it writes
    std::filesystem::path folder;
};

Result<Contender> contender_of(Project& project, const std::string& name) {
    const auto named = run_at_step(name);
    if (!named) return Contender{name, name, LOSSMITH_TRY(find_model(name, &project))};
    const std::string number = std::to_string(named->run);
    const Run run = LOSSMITH_TRY(project.runs().run(named->run));
    if (!named->step) return Contender{run.name, project.path().string() + ":" + number, LOSSMITH_TRY(find_model(":" + number, &project))};
    for (const auto& checkpoint : LOSSMITH_TRY(project.runs().checkpoints(named->run))) {
        if (checkpoint.step != *named->step) continue;
        const auto folder = project.folder() / checkpoint.path;
        return Contender{run.name + ", step " + std::to_string(checkpoint.step), folder.string(), folder};
    }
    return failure(Error::not_found("Run " + number + " has no checkpoint of step " + std::to_string(*named->step) + ".")
                       .with_hint("`lossmith-cli runs PROJECT --run " + number + "` lists those it has."));
}

/// Writes one model's texts for all rows and what the true solutions cost it.
class Writer {
public:
    Writer(Project& project, const TemplateSpec& spec, const CompareOptions& options, const LoadedModel& model, std::string reference)
        : m_project(project), m_spec(spec), m_options(options), m_model(model), m_reference(std::move(reference)) {}

    Status write(std::vector<ComparisonRow>& rows, std::size_t column, const std::function<void(std::size_t done)>& after_some,
                 const CancellationToken& cancelled) {
        m_weights = LOSSMITH_TRY(weights_digest(m_model.folder));
        for (std::size_t begin = 0; begin < rows.size(); begin += problems_at_once) {
            const std::size_t end = std::min(rows.size(), begin + problems_at_once);
            std::vector<std::size_t> missing;
            GenerationRequest request;
            request.sampling = m_options.sampling;
            request.each_alone = true;
            request.top_k = told_alternatives;
            for (std::size_t i = begin; i < end; ++i) {
                ComparedText& text = rows[i].texts[column];
                const bool solved = !rows[i].solution.empty();
                const auto known = LOSSMITH_TRY(m_project.prompts().find_generation(m_weights, rows[i].prompt, m_options.sampling));
                if (known && string_or_empty(known->details, "stopped_by") != "stopped") {
                    text.text = known->text;
                } else {
                    missing.push_back(i);
                    request.prompts.push_back(LOSSMITH_TRY(encode_prompt(m_spec, *m_model.tokenizer, rows[i].problem)));
                }
                if (solved) set_solution_loss(text.scores, LOSSMITH_TRY(solution_loss(m_model, m_spec, rows[i].problem, rows[i].solution)));
            }
            std::vector<Json> traces(request.prompts.size(), Json::array());
            const auto trace = [&](const TokenNews& token) { traces[token.prompt].push_back(traced(token)); };
            const auto texts = LOSSMITH_TRY(generate(m_model, request, trace, cancelled));
            for (std::size_t i = 0; i < texts.size(); ++i) {
                ComparisonRow& row = rows[missing[i]];
                row.texts[column].text = texts[i].text;
                LOSSMITH_CHECK(keep(row, column, texts[i], std::move(traces[i])));
            }
            after_some(end);
            if (cancelled.is_cancelled()) return failure(Error::cancelled());
        }
        return {};
    }

private:
    /// A token as the project keeps it: id, text, probability, alternatives, whether it was put there by hand.
    [[nodiscard]] Json traced(const TokenNews& token) const {
        Json top = Json::array();
        for (const TokenChoice& each : token.top)
            top.push_back({each.id, valid_utf8(m_model.tokenizer->bytes_of(each.id)), each.probability});
        return {token.token.id, token.text, token.token.probability, std::move(top), false};
    }

    Status keep(const ComparisonRow& row, std::size_t column, const GeneratedText& text, Json trace) {
        Generation generation;
        generation.model = m_reference;
        generation.weights = m_weights;
        generation.prompt = row.prompt;
        generation.settings = m_options.sampling;
        generation.text = text.text;
        generation.details = {{"source", "compare"}, {"tokens", std::move(trace)}, {"stopped_by", text.stopped_by}};
        if (const auto& loss = row.texts[column].scores.solution_loss) {
            generation.details["solution"] = completion_text(m_spec, row.solution) + m_spec.end_token;
            generation.details["solution_loss"] = *loss;
        }
        return m_project.prompts().add_generation(generation);
    }

    Project& m_project;
    const TemplateSpec& m_spec;
    const CompareOptions& m_options;
    const LoadedModel& m_model;
    std::string m_reference;
    std::string m_weights;
};

std::string settings_in_words(const SamplingConfig& sampling) {
    std::string words = sampling.num_beams > 1 ? std::to_string(sampling.num_beams) + " beams"
                        : sampling.do_sample   ? "sampled, seed " + std::to_string(sampling.seed)
                                               : "greedy";
    return words + " · " + std::to_string(sampling.max_new_tokens) + " tokens";
}

}  // namespace

std::optional<std::int64_t> run_in(const std::string& tuned) {
    const auto named = run_at_step(tuned);
    return named ? std::optional(named->run) : std::nullopt;
}

Result<Comparison> compare_models(Project& project, const std::vector<std::string>& tuned, const CompareOptions& options,
                                  const ProgressSink& progress, const CancellationToken& cancelled) {
    if (auto wrong = options.sampling.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    std::vector<Contender> contenders;
    std::optional<RunConfig> config;
    for (const std::string& name : tuned) {
        contenders.push_back(LOSSMITH_TRY(contender_of(project, name)));
        if (const auto run = run_in(name); run && !config) config = (LOSSMITH_TRY(project.runs().run(*run))).config;
    }
    RunConfig begin = config.value_or(RunConfig{});
    if (!begin.template_spec) begin.template_spec = LOSSMITH_TRY(project.templates().current());
    if (!options.base.empty()) begin.model = options.base;
    const TemplateSpec& spec = *begin.template_spec;

    const bool typed = !options.problems.empty();
    const auto problems = LOSSMITH_TRY(typed ? Result<std::vector<ComparedProblem>>(options.problems) : held_out(project, options.limit));
    Comparison comparison;
    comparison.models.push_back(begin.model);
    for (const Contender& contender : contenders) comparison.models.push_back(contender.label);
    comparison.note =
        std::to_string(problems.size()) + (typed ? " prompts" : " held-out rows") + " · " + settings_in_words(options.sampling);
    comparison.sampling = options.sampling;
    for (const ComparedProblem& problem : problems)
        comparison.rows.push_back({problem.problem, spec.start_token + prompt_text(spec, problem.problem), problem.solution,
                                   std::vector<ComparedText>(comparison.models.size())});

    for (std::size_t column = 0; column < comparison.models.size(); ++column) {
        const auto tell = [&](std::size_t done) {
            const auto rows = static_cast<std::int64_t>(problems.size());
            if (progress)
                progress({"generating", static_cast<std::int64_t>(column) * rows + static_cast<std::int64_t>(done),
                          rows * static_cast<std::int64_t>(comparison.models.size())});
        };
        // One model in memory at a time. The base's vocabulary grows by the tokens that its run added, so that both read the same prompt.
        const LoadedModel model = LOSSMITH_TRY(column == 0 ? model_for(project, begin) : load_model(contenders[column - 1].folder));
        Writer writer(project, spec, options, model, column == 0 ? begin.model : contenders[column - 1].reference);
        LOSSMITH_CHECK(writer.write(comparison.rows, column, tell, cancelled));
    }
    const CopyIndex index = LOSSMITH_TRY(training_copies(project));
    score(comparison, &index);
    return comparison;
}

}  // namespace lossmith::engine
