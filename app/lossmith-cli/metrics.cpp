// `metrics`: the numbers a run wrote.
#include <cstdio>
#include <map>
#include <memory>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {

namespace {

struct MetricsCall {
    std::string project;
    std::int64_t run = 0;
    std::string name;
    std::int64_t after = -1;
    bool csv = false;
};

/// A column for each name, a line for each step.
std::string side_by_side(const std::vector<Metric>& metrics) {
    std::map<std::string, std::size_t> columns;
    for (const Metric& metric : metrics) columns.emplace(metric.name, 0);
    std::vector<std::string> headings = {"step"};
    for (auto& [name, column] : columns) {
        column = headings.size();
        headings.push_back(name);
    }
    std::map<std::int64_t, std::vector<std::string>> lines;
    for (const Metric& metric : metrics) {
        auto& line = lines[metric.step];
        line.resize(headings.size());
        line[0] = std::to_string(metric.step);
        char rounded[40];
        std::snprintf(rounded, sizeof rounded, "%.6g", metric.value);
        line[columns[metric.name]] = rounded;
    }
    Table table(headings);
    for (auto& [step, line] : lines) table.add(std::move(line));
    return table.text();
}

Status metrics(const MetricsCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    LOSSMITH_CHECK(project->runs().run(call.run));
    const auto read = LOSSMITH_TRY(project->metrics().read(call.run, call.name, call.after));
    if (read.empty() && !call.name.empty()) {
        const auto names = LOSSMITH_TRY(project->metrics().names(call.run));
        std::string known;
        bool found = false;
        for (const std::string& name : names) {
            found = found || name == call.name;
            known += (known.empty() ? "" : ", ") + name;
        }
        if (!found) {
            return failure(Error::not_found("Run " + std::to_string(call.run) + " has no metric “" + call.name + "”.")
                               .with_hint(known.empty() ? "It has none yet." : "It has " + known + "."));
        }
    }
    if (context.json()) {
        Json answer = Json::array();
        for (const Metric& metric : read) answer.push_back({{"step", metric.step}, {"name", metric.name}, {"value", metric.value}});
        context.print_json(answer);
    } else if (call.csv) {
        Table table({"step", "name", "value"});
        for (const Metric& metric : read) table.add({std::to_string(metric.step), metric.name, exact(metric.value)});
        context.print(table.csv());
    } else {
        context.print(read.empty() ? "No metrics yet.\n" : side_by_side(read));
    }
    return {};
}

}  // namespace

void add_metrics(CLI::App& app, Context& context) {
    const auto call = std::make_shared<MetricsCall>();
    Verb verb = context.add_verb(app, "metrics", "The numbers a run wrote.", [call, &context] { return metrics(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("run", call->run, "The run's number").required().type_name("RUN");
    verb.add_option("--name", call->name, "Only this metric, e.g. train/loss").type_name("NAME");
    verb.add_option("--after", call->after, "Only steps after this one").type_name("STEP");
    verb.add_flag("--csv", call->csv, "Answer with CSV").excludes("--json");
}

}  // namespace lossmith::cli
