// `compare`: a base and tuned models on the same problems, scored, as a table, JSON and an HTML page.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <limits>
#include <sstream>

#include "app/lossmith-cli/SamplingOptions.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/base/Files.h"
#include "core/comparison/ComparisonPage.h"
#include "core/engine/comparison/CompareRun.h"
#include "core/engine/devices/Devices.h"

namespace lossmith::cli {
namespace {

struct CompareCall {
    std::string project;
    std::vector<std::string> tuned;
    std::string base;
    std::string prompts;
    std::string html;
    std::string csv;
    std::int64_t limit = 300;
    std::int64_t shown = 3;
    std::string sort;
    SamplingConfig sampling;
};

/// A JSON list of texts or {problem, solution}, or plain text with a problem a line.
Result<std::vector<engine::ComparedProblem>> read_prompts(const std::string& path) {
    const std::string text = LOSSMITH_TRY(read_file(path));
    std::vector<engine::ComparedProblem> problems;
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && text[first] == '[') {
        for (const Json& one : LOSSMITH_TRY(parse_json(text, path))) {
            if (one.is_string())
                problems.push_back({one.get<std::string>(), {}});
            else if (one.is_object() && one.contains("problem") && one["problem"].is_string() &&
                     one.value("solution", Json("")).is_string())
                problems.push_back({one["problem"].get<std::string>(), one.value("solution", Json("")).get<std::string>()});
            else
                return failure(Error::bad_input("Each prompt must be a text or {\"problem\": …, \"solution\": …}.").in_file(path));
        }
    } else {
        std::stringstream stream(text);
        for (std::string line; std::getline(stream, line);)
            if (line.find_first_not_of(" \t\r") != std::string::npos) problems.push_back({line, {}});
    }
    if (problems.empty()) return failure(Error::bad_input("There is no prompt in this file.").in_file(path));
    return problems;
}

void print_rows(const Comparison& comparison, std::int64_t shown, const Context& context) {
    for (std::size_t i = 0; i < comparison.rows.size() && static_cast<std::int64_t>(i) < shown; ++i) {
        const ComparisonRow& row = comparison.rows[i];
        context.print("problem  " + row.problem + "\n");
        for (std::size_t model = 0; model < row.texts.size(); ++model) {
            const bool only_tuned = model > 0 && row.texts.size() == 2;
            context.print("  " +
                          (model == 0   ? std::string("before ")
                           : only_tuned ? "after  "
                                        : comparison.models[model] + ": ") +
                          row.texts[model].text + "\n");
        }
        if (!row.solution.empty()) context.print("  true   " + row.solution + "\n");
        context.print("\n");
    }
}

void print_summary(const Comparison& comparison, std::size_t model, const Context& context) {
    context.print(comparison.models.front() + " → " + comparison.models[model + 1] + ", " + comparison.note + "\n");
    for (const ScoreKind& kind : score_kinds()) {
        const auto found = comparison.summaries[model].find(kind.name);
        if (found == comparison.summaries[model].end() || found->second.rows == 0) continue;
        const ScoreSummary& summary = found->second;
        char line[200];
        std::snprintf(line, sizeof line, "%-28s %10s → %-10s (%s … %s), %s\n", kind.title, shown_score(kind, summary.base.mean).c_str(),
                      shown_score(kind, summary.tuned.mean).c_str(), shown_score(kind, summary.tuned.low).c_str(),
                      shown_score(kind, summary.tuned.high).c_str(), shown_p(summary.p).c_str());
        context.print(line);
    }
}

/// Rows with the greatest gain of the first tuned model first, or last.
Status sort_rows(Comparison& comparison, const std::string& by) {
    const bool losses_first = by.starts_with('-');
    const ScoreKind* kind = find_score_kind(losses_first ? by.substr(1) : by);
    if (kind == nullptr) {
        std::string names;
        for (const ScoreKind& each : score_kinds()) names += (names.empty() ? "" : ", ") + std::string(each.name);
        return failure(Error::bad_input("There is no score \"" + by + "\".").with_hint("Scores are " + names + "."));
    }
    constexpr double unknown = -std::numeric_limits<double>::infinity();
    std::ranges::stable_sort(comparison.rows, std::greater{}, [&](const ComparisonRow& row) {
        const auto gain = gain_of(row, 1, *kind);
        return gain ? (losses_first ? -*gain : *gain) : unknown;
    });
    return {};
}

Status run_compare(const CompareCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    engine::set_up_cpu(0);
    engine::CompareOptions options;
    options.base = call.base;
    options.limit = call.limit;
    options.sampling = call.sampling;
    if (!call.prompts.empty()) options.problems = LOSSMITH_TRY(read_prompts(call.prompts));
    if (!call.sort.empty()) {
        Comparison none;
        LOSSMITH_CHECK(sort_rows(none, call.sort));  // a wrong name is told before minutes of generating
    }
    Comparison comparison = LOSSMITH_TRY(engine::compare_models(*project, call.tuned, options, context.progress(), context.cancelled()));
    if (!call.sort.empty()) LOSSMITH_CHECK(sort_rows(comparison, call.sort));
    std::filesystem::path page = call.html;
    if (page.empty()) {
        const auto run = engine::run_in(call.tuned.front());
        const auto folder = run ? project->run_folder(*run) : project->files_folder();
        std::error_code ignored;
        std::filesystem::create_directories(folder, ignored);
        page = folder / "comparison.html";
    }
    LOSSMITH_CHECK(write_file_atomically(page, comparison_page(comparison)));
    if (!call.csv.empty()) LOSSMITH_CHECK(write_file_atomically(call.csv, comparison_csv(comparison)));
    if (context.json()) {
        Json answer = comparison;
        answer["page"] = page.string();
        context.print_json(answer);
        return {};
    }
    print_rows(comparison, call.shown, context);
    for (std::size_t model = 0; model < comparison.summaries.size(); ++model) print_summary(comparison, model, context);
    context.print("The comparison as a page: " + page.string() + "\n");
    return {};
}

}  // namespace

void add_compare(CLI::App& app, Context& context) {
    auto call = std::make_shared<CompareCall>();
    Verb verb = context.add_verb(app, "compare", "A base and tuned models on the same problems: texts, scores, an HTML page.",
                                 [call, &context] { return run_compare(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("models", call->tuned, "Runs by their number, \"7@60\" for a checkpoint, or any models; each is held against the base")
        .required()
        .type_name("RUN|MODEL");
    verb.add_option("--base", call->base, "What they are held against; without it what the first run began from").type_name("MODEL");
    verb.add_option("--prompts", call->prompts, "Problems from a file: one a line, or a JSON list; without it held-out rows")
        .type_name("FILE");
    verb.add_option("--limit", call->limit, "At most so many held-out rows").positive().capture_default_str();
    verb.add_option("--sort", call->sort,
                    "Rows with the greatest gain in this score first, e.g. rouge_l; -rouge_l: the greatest loss first")
        .type_name("SCORE");
    verb.add_option("--show", call->shown, "How many to print").non_negative().capture_default_str();
    add_sampling_options(verb, call->sampling);
    verb.add_option("--html", call->html, "Where the page is written; without it beside the run's checkpoints").type_name("FILE");
    verb.add_option("--csv", call->csv, "Also as a table").type_name("FILE");
}

}  // namespace lossmith::cli
