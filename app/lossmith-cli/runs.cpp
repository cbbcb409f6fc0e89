// `runs`: the runs of a project as a table, and one of them in full.
#include <memory>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {

namespace {

struct RunsCall {
    std::string project;
    std::int64_t run = 0;
    bool csv = false;
    bool mark_lost = false;
};

std::string best_of(const Run& run) {
    return run.best_validation_loss ? exact(*run.best_validation_loss) : std::string();
}

Json in_json(const Run& run) {
    const auto time = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    const Json best = run.best_validation_loss ? Json{{"step", run.best_step}, {"validation_loss", *run.best_validation_loss}} : Json();
    return {{"run", run.id},
            {"name", run.name},
            {"status", name_of(run.status)},
            {"step", run.step},
            {"total_steps", run.total_steps},
            {"best", best},
            {"created_at", time(run.created_at)},
            {"started_at", time(run.started_at)},
            {"ended_at", time(run.ended_at)},
            {"process", run.process},
            {"host", run.host},
            {"message", run.message},
            {"tags", run.tags},
            {"note", run.note},
            {"config", run.config},
            {"provenance", run.provenance}};
}

Status list(const RunsCall& call, Project& project, const Context& context) {
    const auto runs = LOSSMITH_TRY(project.runs().runs());
    if (context.json()) {
        Json answer = Json::array();
        for (const Run& run : runs) answer.push_back(in_json(run));
        context.print_json(answer);
        return {};
    }
    Table table(
        {"run", "name", "status", "step", "total_steps", "best_step", "validation_loss", "model", "started_at", "ended_at", "message"});
    for (const Run& run : runs) {
        table.add({std::to_string(run.id), run.name, name_of(run.status), std::to_string(run.step), std::to_string(run.total_steps),
                   std::to_string(run.best_step), best_of(run), run.config.model, run.started_at, run.ended_at, run.message});
    }
    if (call.csv)
        context.print(table.csv());
    else
        context.print(runs.empty() ? "No runs yet.\n" : table.text());
    return {};
}

struct Details {
    Run run;
    std::vector<RunEvent> events;
    std::vector<Checkpoint> checkpoints;
    std::vector<Sample> samples;
    std::vector<RewardedCompletion> completions;
    std::vector<std::string> metrics;
};

Json in_json(const Details& details) {
    Json answer = in_json(details.run);
    answer["metrics"] = details.metrics;
    answer["events"] = Json::array();
    for (const RunEvent& event : details.events)
        answer["events"].push_back({{"at", event.at}, {"step", event.step}, {"kind", event.kind}, {"message", event.message}});
    answer["checkpoints"] = Json::array();
    for (const Checkpoint& checkpoint : details.checkpoints) {
        answer["checkpoints"].push_back({{"step", checkpoint.step},
                                         {"kind", name_of(checkpoint.kind)},
                                         {"path", checkpoint.path},
                                         {"sha256", checkpoint.sha256},
                                         {"validation_loss", checkpoint.validation_loss ? Json(*checkpoint.validation_loss) : Json()},
                                         {"created_at", checkpoint.created_at}});
    }
    answer["samples"] = Json::array();
    for (const Sample& sample : details.samples) {
        answer["samples"].push_back({{"step", sample.step},
                                     {"prompt", sample.prompt},
                                     {"problem", sample.problem},
                                     {"solution", sample.solution},
                                     {"text", sample.text}});
    }
    if (details.completions.empty()) return answer;
    answer["completions"] = Json::array();
    for (const RewardedCompletion& completion : details.completions) {
        answer["completions"].push_back({{"step", completion.step},
                                         {"prompt", completion.prompt},
                                         {"completion", completion.completion},
                                         {"problem", completion.problem},
                                         {"solution", completion.solution},
                                         {"text", completion.text},
                                         {"reward", completion.reward},
                                         {"advantage", completion.advantage},
                                         {"ended", completion.ended},
                                         {"parts", completion.parts},
                                         {"tokens", completion.tokens}});
    }
    return answer;
}

std::string in_words(const Details& details) {
    const Run& run = details.run;
    std::string text = "Run " + std::to_string(run.id) + " (" + on_one_line(run.name) + ") is " + name_of(run.status) + " at step " +
                       with_commas(run.step) + " of " + with_commas(run.total_steps) + ".\n";
    if (!run.message.empty()) text += on_one_line(run.message, 500) + "\n";
    if (run.best_validation_loss) text += "Best validation loss " + best_of(run) + " at step " + with_commas(run.best_step) + ".\n";
    if (!run.note.empty()) text += "Note: " + on_one_line(run.note, 500) + "\n";
    text += "\nConfiguration\n" + Json(run.config).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    if (!details.events.empty()) {
        Table table({"at", "step", "event", "message"});
        for (const RunEvent& event : details.events) table.add({event.at, std::to_string(event.step), event.kind, event.message});
        text += "\nEvents\n" + table.text();
    }
    if (!details.checkpoints.empty()) {
        Table table({"step", "kind", "validation loss", "folder"});
        for (const Checkpoint& checkpoint : details.checkpoints) {
            table.add({std::to_string(checkpoint.step), name_of(checkpoint.kind),
                       checkpoint.validation_loss ? exact(*checkpoint.validation_loss) : std::string(), checkpoint.path});
        }
        text += "\nCheckpoints\n" + table.text();
    }
    if (!details.samples.empty()) {
        Table table({"step", "problem", "text"});
        for (const Sample& sample : details.samples) table.add({std::to_string(sample.step), sample.problem, sample.text});
        text += "\nSamples\n" + table.text();
    }
    if (!details.completions.empty()) {
        // All of them are in the JSON; a reader wants the last ones.
        const std::int64_t last = details.completions.back().step;
        Table table({"prompt", "reward", "advantage", "text"});
        for (const RewardedCompletion& completion : details.completions)
            if (completion.step == last)
                table.add({std::to_string(completion.prompt + 1), three_places(completion.reward), three_places(completion.advantage),
                           completion.text});
        text += "\nCompletions of step " + with_commas(last) + "\n" + table.text();
    }
    return text;
}

Status show(const RunsCall& call, Project& project, const Context& context) {
    if (call.mark_lost) {
        const Run run = LOSSMITH_TRY(project.runs().run(call.run));
        if (run.status != RunStatus::Running && run.status != RunStatus::Paused && run.status != RunStatus::Lost)
            return failure(Error::bad_input("Run " + std::to_string(run.id) + " is " + name_of(run.status) + ", so no process has it."));
        LOSSMITH_CHECK(project.runs().set_status(call.run, RunStatus::Lost, "Marked as lost by hand."));
    }
    Details details;
    details.run = LOSSMITH_TRY(project.runs().run(call.run));
    details.events = LOSSMITH_TRY(project.runs().events(call.run));
    details.checkpoints = LOSSMITH_TRY(project.runs().checkpoints(call.run));
    details.samples = LOSSMITH_TRY(project.runs().samples(call.run));
    details.completions = LOSSMITH_TRY(project.runs().completions(call.run));
    details.metrics = LOSSMITH_TRY(project.metrics().names(call.run));
    if (context.json())
        context.print_json(in_json(details));
    else
        context.print(in_words(details));
    return {};
}

}  // namespace

void add_runs(CLI::App& app, Context& context) {
    const auto call = std::make_shared<RunsCall>();
    Verb verb = context.add_verb(app, "runs", "The runs of a project.", [call, &context]() -> Status {
        const auto project = LOSSMITH_TRY(Project::open(call->project));
        return call->run > 0 ? show(*call, *project, context) : list(*call, *project, context);
    });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    const Option run = verb.add_option("--run", call->run, "All of one run: its config, events, checkpoints, samples and completions")
                           .type_name("RUN")
                           .positive();
    verb.add_flag("--csv", call->csv, "Answer with CSV").excludes("--json").excludes(run);
    verb.add_flag("--mark-lost", call->mark_lost, "Say that the run's process is gone, where that cannot be seen from here").needs(run);
}

}  // namespace lossmith::cli
