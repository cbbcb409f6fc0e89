#include "core/engine/comparison/CompareRun.h"

#include <algorithm>
#include <optional>

#include "core/data/Template.h"
#include "core/engine/comparison/TrainingCopies.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/RunDriver.h"
#include "core/engine/training/TrainingStep.h"
#include "core/project/DataStore.h"
#include "core/project/PromptStore.h"
#include "core/project/RunStore.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t problems_at_once = 32;

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

/// One model's texts for all problems, and its loss on the true solutions.
class Side {
public:
    Side(Project& project, const RunConfig& config, const CompareOptions& options, const LoadedModel& model, std::string name)
        : m_project(project), m_config(config), m_options(options), m_model(model), m_name(std::move(name)) {}

    Status write(std::vector<ComparisonRow>& rows, ComparedText ComparisonRow::* member, const ProgressSink& progress, std::int64_t done,
                 std::int64_t total, const CancellationToken& cancelled) {
        const std::string weights = LOSSMITH_TRY(weights_digest(m_model.folder));
        for (std::size_t begin = 0; begin < rows.size(); begin += problems_at_once) {
            const std::size_t end = std::min(rows.size(), begin + problems_at_once);
            std::vector<std::size_t> missing;
            GenerationRequest request;
            request.sampling = m_options.sampling;
            for (std::size_t i = begin; i < end; ++i) {
                if (auto known = LOSSMITH_TRY(m_project.prompts().find_generation(weights, rows[i].prompt, m_options.sampling))) {
                    (rows[i].*member).text = std::move(known->text);
                    continue;
                }
                missing.push_back(i);
                request.prompts.push_back(LOSSMITH_TRY(encode_prompt(*m_config.template_spec, *m_model.tokenizer, rows[i].problem)));
            }
            const auto texts = LOSSMITH_TRY(generate(m_model.model, *m_model.tokenizer, request, {}, cancelled));
            for (std::size_t i = 0; i < texts.size(); ++i) {
                ComparisonRow& row = rows[missing[i]];
                (row.*member).text = texts[i].text;
                Generation generation;
                generation.model = m_name;
                generation.weights = weights;
                generation.prompt = row.prompt;
                generation.settings = m_options.sampling;
                generation.text = texts[i].text;
                generation.details = {{"source", "compare"}, {"stopped_by", texts[i].stopped_by}};
                LOSSMITH_CHECK(m_project.prompts().add_generation(generation));
            }
            for (std::size_t i = begin; i < end; ++i) LOSSMITH_CHECK(measure_solution(rows[i], (rows[i].*member).scores));
            if (progress) progress({"generating", done + static_cast<std::int64_t>(end), total});
            if (cancelled.is_cancelled()) return failure(Error::cancelled());
        }
        return {};
    }

private:
    Status measure_solution(const ComparisonRow& row, Scores& scores) {
        if (row.solution.empty()) return {};
        TemplateSpec solution_only = *m_config.template_spec;
        solution_only.labels = LabelRule::SolutionOnly;
        const Example example = LOSSMITH_TRY(encode_example(solution_only, *m_model.tokenizer, row.problem, row.solution,
                                                            static_cast<std::size_t>(m_model.model.config().n_positions)));
        const StepLoss loss = LOSSMITH_TRY(mean_loss(m_model.model, *m_cross_entropy, {example}, 1, false));
        if (loss.labelled > 0) scores.solution_loss = loss.mean;
        return {};
    }

    Project& m_project;
    const RunConfig& m_config;
    const CompareOptions& m_options;
    const LoadedModel& m_model;
    std::string m_name;
    std::unique_ptr<Loss> m_cross_entropy = std::move(*make_loss({}));
};

std::string settings_in_words(const SamplingConfig& sampling) {
    std::string words = sampling.num_beams > 1 ? std::to_string(sampling.num_beams) + " beams" : sampling.do_sample ? "sampled" : "greedy";
    return words + " · " + std::to_string(sampling.max_new_tokens) + " tokens";
}

}  // namespace

Result<Comparison> compare_run(Project& project, std::int64_t run, const CompareOptions& options, const ProgressSink& progress,
                               const CancellationToken& cancelled) {
    const Run recorded = LOSSMITH_TRY(project.runs().run(run));
    if (auto wrong = options.sampling.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    const bool typed = !options.problems.empty();
    const auto problems = typed ? options.problems : LOSSMITH_TRY(held_out(project, options.limit));
    const auto tuned_folder = LOSSMITH_TRY(find_model(":" + std::to_string(run), &project));

    Comparison comparison;
    comparison.base_model = recorded.config.model;
    comparison.tuned_model = recorded.name;
    comparison.note =
        std::to_string(problems.size()) + (typed ? " prompts" : " held-out rows") + " · " + settings_in_words(options.sampling);
    comparison.sampling = options.sampling;
    const TemplateSpec& spec = *recorded.config.template_spec;
    for (const ComparedProblem& problem : problems)
        comparison.rows.push_back({problem.problem, spec.start_token + prompt_text(spec, problem.problem), problem.solution, {}, {}});

    const auto total = static_cast<std::int64_t>(2 * problems.size());
    {
        const LoadedModel base = LOSSMITH_TRY(model_for(project, recorded.config));
        Side side(project, recorded.config, options, base, recorded.config.model);
        LOSSMITH_CHECK(side.write(comparison.rows, &ComparisonRow::base, progress, 0, total, cancelled));
    }
    {
        const LoadedModel tuned = LOSSMITH_TRY(load_model(tuned_folder));
        Side side(project, recorded.config, options, tuned, project.path().string() + ":" + std::to_string(run));
        LOSSMITH_CHECK(side.write(comparison.rows, &ComparisonRow::tuned, progress, total / 2, total, cancelled));
    }
    const CopyIndex index = LOSSMITH_TRY(training_copies(project));
    score(comparison, &index);
    return comparison;
}

}  // namespace lossmith::engine
