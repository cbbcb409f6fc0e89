// `compare`: base and tuned on the same problems, scored, as a table, JSON and an HTML page.
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "app/lossmith-cli/Verbs.h"
#include "core/base/Files.h"
#include "core/comparison/ComparisonPage.h"
#include "core/engine/comparison/CompareRun.h"
#include "core/engine/devices/Devices.h"

namespace lossmith::cli {
namespace {

struct CompareCall {
    std::string project;
    std::int64_t run = 0;
    std::string prompts;
    std::string html;
    std::string csv;
    std::int64_t limit = 300;
    std::int64_t shown = 3;
    int max_new_tokens = 60;
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
        context.print("problem  " + row.problem + "\n  before " + row.base.text + "\n  after  " + row.tuned.text + "\n");
        if (!row.solution.empty()) context.print("  true   " + row.solution + "\n");
        context.print("\n");
    }
}

void print_summary(const Comparison& comparison, const Context& context) {
    context.print(comparison.base_model + " → " + comparison.tuned_model + ", " + comparison.note + "\n");
    for (const ScoreKind& kind : score_kinds()) {
        const auto found = comparison.summary.find(kind.name);
        if (found == comparison.summary.end() || found->second.rows == 0) continue;
        const ScoreSummary& summary = found->second;
        char line[200];
        std::snprintf(line, sizeof line, "%-28s %10s → %-10s (%s … %s), %s\n", kind.title, shown_score(kind, summary.base.mean).c_str(),
                      shown_score(kind, summary.tuned.mean).c_str(), shown_score(kind, summary.tuned.low).c_str(),
                      shown_score(kind, summary.tuned.high).c_str(), shown_p(summary.p).c_str());
        context.print(line);
    }
}

Status run_compare(const CompareCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    engine::set_up_cpu(0);
    engine::CompareOptions options;
    options.limit = call.limit;
    options.sampling.max_new_tokens = call.max_new_tokens;
    if (!call.prompts.empty()) options.problems = LOSSMITH_TRY(read_prompts(call.prompts));
    const Comparison comparison = LOSSMITH_TRY(engine::compare_run(*project, call.run, options, context.progress(), context.cancelled()));
    std::filesystem::path page = call.html;
    if (page.empty()) {
        std::error_code ignored;
        std::filesystem::create_directories(project->run_folder(call.run), ignored);
        page = project->run_folder(call.run) / "comparison.html";
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
    print_summary(comparison, context);
    context.print("The comparison as a page: " + page.string() + "\n");
    return {};
}

}  // namespace

void add_compare(CLI::App& app, Context& context) {
    auto call = std::make_shared<CompareCall>();
    Verb verb = context.add_verb(app, "compare", "Base and tuned model on the same problems: texts, scores, an HTML page.",
                                 [call, &context] { return run_compare(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("run", call->run, "The run's number").required().positive().type_name("RUN");
    verb.add_option("--prompts", call->prompts, "Problems from a file: one a line, or a JSON list; without it held-out rows")
        .type_name("FILE");
    verb.add_option("--limit", call->limit, "At most so many held-out rows").positive().capture_default_str();
    verb.add_option("--show", call->shown, "How many to print").non_negative().capture_default_str();
    verb.add_option("--max_new_tokens", call->max_new_tokens, "At most so many tokens a text").positive().capture_default_str();
    verb.add_option("--html", call->html, "Where the page is written; without it beside the run's checkpoints").type_name("FILE");
    verb.add_option("--csv", call->csv, "Also as a table").type_name("FILE");
}

}  // namespace lossmith::cli
