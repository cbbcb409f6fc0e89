// `runs`: the runs of a project as a table, one of them in full, how several differ, and what is noted of one.
#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/base/Files.h"
#include "core/config/ConfigDifference.h"
#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunOrigins.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {

namespace {

struct RunsCall {
    std::string project;
    std::int64_t run = 0;
    bool csv = false;
    bool mark_lost = false;
    std::string words;
    std::string sort = "run";
    std::vector<std::int64_t> differing;
    std::optional<std::string> name;
    std::optional<std::string> tags;
    std::optional<std::string> note;
    std::string config_file;
    std::string command;
};

using Origins = std::map<std::int64_t, RunOrigin>;

std::string best_of(const Run& run) {
    return run.best_validation_loss ? exact(*run.best_validation_loss) : std::string();
}

Json in_json(const Run& run, const Origins& origins) {
    const auto time = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    const Json best = run.best_validation_loss ? Json{{"step", run.best_step}, {"validation_loss", *run.best_validation_loss}} : Json();
    const auto origin = origins.find(run.id);
    const Json began_from = origin == origins.end() ? Json() : Json{{"run", origin->second.run}, {"step", origin->second.step}};
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
            {"began_from", began_from},
            {"config", run.config},
            {"provenance", run.provenance}};
}

std::string origin_in_words(std::int64_t run, const Origins& origins) {
    const auto origin = origins.find(run);
    if (origin == origins.end()) return {};
    const std::string text = "run " + std::to_string(origin->second.run);
    return origin->second.step > 0 ? text + ", step " + std::to_string(origin->second.step) : text;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// As in the window: each word, in any case, in the run's name, status, model, loss, tags, note or message.
bool has_words(const Run& run, const std::string& words) {
    std::string all;
    for (const std::string& part : {run.name, std::string(name_of(run.status)), run.config.model, run.config.loss.name, run.tags, run.note,
                                    run.message, run.config.reward ? run.config.reward->name : std::string()})
        all += part + '\n';
    all = lower(std::move(all));
    std::istringstream each(lower(words));
    for (std::string word; each >> word;)
        if (all.find(word) == std::string::npos) return false;
    return true;
}

void sort_runs(std::vector<Run>& runs, const std::string& by) {
    static constexpr double last = std::numeric_limits<double>::max();
    if (by == "validation_loss") std::ranges::stable_sort(runs, {}, [](const Run& run) { return run.best_validation_loss.value_or(last); });
    if (by == "name") std::ranges::stable_sort(runs, {}, &Run::name);
    if (by == "status") std::ranges::stable_sort(runs, {}, &Run::status);
    if (by == "steps") std::ranges::stable_sort(runs, std::greater{}, &Run::step);
    if (by == "started_at") std::ranges::stable_sort(runs, {}, &Run::started_at);
}

Status list(const RunsCall& call, Project& project, const Context& context) {
    auto runs = LOSSMITH_TRY(project.runs().runs());
    const Origins origins = LOSSMITH_TRY(run_origins(project, runs));
    std::erase_if(runs, [&](const Run& run) { return !has_words(run, call.words); });
    sort_runs(runs, call.sort);
    if (context.json()) {
        Json answer = Json::array();
        for (const Run& run : runs) answer.push_back(in_json(run, origins));
        context.print_json(answer);
        return {};
    }
    Table table({"run", "name", "status", "step", "total_steps", "best_step", "validation_loss", "model", "began_from", "started_at",
                 "ended_at", "tags", "note", "message"});
    for (const Run& run : runs) {
        table.add({std::to_string(run.id), run.name, name_of(run.status), std::to_string(run.step), std::to_string(run.total_steps),
                   std::to_string(run.best_step), best_of(run), run.config.model, origin_in_words(run.id, origins), run.started_at,
                   run.ended_at, run.tags, run.note, run.message});
    }
    if (call.csv)
        context.print(table.csv());
    else
        context.print(runs.empty() ? (call.words.empty() ? "No runs yet.\n" : "No run has these words.\n") : table.text());
    return {};
}

/// How the configs of several runs differ, a field a line.
Status differ(const RunsCall& call, Project& project, const Context& context) {
    if (call.differing.size() < 2)
        return failure(Error::bad_input("One run does not differ.").with_hint("Give --difference for each run, at least two."));
    std::vector<RunConfig> configs;
    std::vector<std::string> headings{"field"};
    for (const std::int64_t run : call.differing) {
        configs.push_back(LOSSMITH_TRY(project.runs().run(run)).config);
        headings.push_back("run " + std::to_string(run));
    }
    const auto differences = config_differences(configs);
    if (context.json()) {
        Json answer{{"runs", call.differing}, {"fields", Json::array()}};
        for (const ConfigDifference& difference : differences)
            answer["fields"].push_back({{"field", difference.key}, {"label", difference.label}, {"values", difference.values}});
        context.print_json(answer);
        return {};
    }
    Table table(headings);
    for (const ConfigDifference& difference : differences) {
        std::vector<std::string> line{difference.key};
        for (const Json& value : difference.values) line.push_back(value_in_words(value));
        table.add(std::move(line));
    }
    context.print(differences.empty() ? "Their configs are the same.\n" : call.csv ? table.csv() : table.text());
    return {};
}

struct Details {
    Run run;
    Origins origins;
    std::vector<RunEvent> events;
    std::vector<Checkpoint> checkpoints;
    std::vector<Sample> samples;
    std::vector<RewardedCompletion> completions;
    std::vector<std::string> metrics;
};

Json in_json(const Details& details) {
    Json answer = in_json(details.run, details.origins);
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
    if (const std::string origin = origin_in_words(run.id, details.origins); !origin.empty()) text += "Began from " + origin + ".\n";
    if (!run.tags.empty()) text += "Tags: " + on_one_line(run.tags, 500) + "\n";
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
    if (const auto command = run_command(call.command)) LOSSMITH_CHECK(project.runs().send(call.run, *command));
    if (call.name || call.tags || call.note) {
        const Run run = LOSSMITH_TRY(project.runs().run(call.run));
        LOSSMITH_CHECK(
            project.runs().set_note(call.run, call.name.value_or(run.name), call.tags.value_or(run.tags), call.note.value_or(run.note)));
    }
    Details details;
    details.run = LOSSMITH_TRY(project.runs().run(call.run));
    if (!call.config_file.empty())
        LOSSMITH_CHECK(
            write_file_atomically(call.config_file, Json(details.run.config).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
    const auto all = LOSSMITH_TRY(project.runs().runs());
    details.origins = LOSSMITH_TRY(run_origins(project, all));
    details.events = LOSSMITH_TRY(project.runs().events(call.run));
    details.checkpoints = LOSSMITH_TRY(project.runs().checkpoints(call.run));
    details.samples = LOSSMITH_TRY(project.runs().samples(call.run, SampleParts::Texts));
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
        if (!call->differing.empty()) return differ(*call, *project, context);
        return call->run > 0 ? show(*call, *project, context) : list(*call, *project, context);
    });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    const Option run = verb.add_option("--run", call->run, "All of one run: its config, events, checkpoints, samples and completions")
                           .type_name("RUN")
                           .positive();
    verb.add_option("--words", call->words, "Only runs in which all of these words occur, in any case").type_name("WORDS").excludes(run);
    verb.add_option("--sort", call->sort, "What the runs are sorted by; newest first without it")
        .one_of({"run", "name", "status", "steps", "validation_loss", "started_at"})
        .excludes(run);
    verb.add_option("--difference", call->differing, "How this run's config differs from that of the others given so; at least twice")
        .type_name("RUN")
        .positive()
        .repeatable()
        .excludes(run);
    verb.add_option("--name", call->name, "Gives the run this name").type_name("TEXT").needs(run);
    verb.add_option("--tags", call->tags, "Gives the run these tags, separated by commas").type_name("TEXT").needs(run);
    verb.add_option("--note", call->note, "Gives the run this note").type_name("TEXT").needs(run);
    verb.add_option("--save-config", call->config_file, "Writes the run's config, from which `train --config` makes it again")
        .type_name("FILE")
        .needs(run);
    verb.add_option("--send", call->command, "Tells a run that is under way, which obeys after its current step")
        .one_of({"pause", "continue", "stop", "checkpoint", "sample"})
        .needs(run);
    verb.add_flag("--csv", call->csv, "Answer with CSV").excludes("--json").excludes(run);
    verb.add_flag("--mark-lost", call->mark_lost, "Say that the run's process is gone, where that cannot be seen from here").needs(run);
}

}  // namespace lossmith::cli
