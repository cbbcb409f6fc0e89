// `train`: a run, to its end, in this process.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "app/lossmith-cli/ConfigOptions.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/diagnosis/Diagnosis.h"
#include "core/engine/distributed/World.h"
#include "core/engine/doctor/Doctor.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/RunStore.h"
#include "core/project/TemplateStore.h"

namespace lossmith::cli {
namespace {

struct TrainCall {
    std::string project;
    ConfigOptions config;
    std::int64_t again = 0;
    std::int64_t resume = 0;
    std::int64_t run = 0;
    std::int64_t processes = 0;
};

Result<std::int64_t> chosen_run(const TrainCall& call, Project& project) {
    if (call.resume > 0 || call.run > 0) {
        if (!call.config.file.empty() || !call.config.assignments.empty())
            return failure(
                Error::bad_input("A recorded run has its config already.").with_hint("Leave out --config and --set, or start a new run."));
        return std::max(call.resume, call.run);
    }
    RunConfig begun;
    if (call.again > 0) {
        begun = LOSSMITH_TRY(project.runs().run(call.again)).config;
        begun.name.clear();
    }
    const RunConfig config = LOSSMITH_TRY(config_from(call.config, std::move(begun)));
    const Run made = LOSSMITH_TRY(project.runs().create(config));
    return made.id;
}

std::string in_words(const engine::TrainingOutcome& outcome, std::int64_t run) {
    std::string text = "Run " + std::to_string(run) + " " + name_of(outcome.status) + " after " + std::to_string(outcome.steps) + " steps.";
    if (outcome.best_validation_loss) {
        char best[80];
        std::snprintf(best, sizeof best, " Best validation %s %.4f at step %lld.", outcome.best_validation_reward ? "reward" : "loss",
                      outcome.best_validation_reward.value_or(*outcome.best_validation_loss), static_cast<long long>(outcome.best_step));
        text += best;
    }
    if (!outcome.message.empty()) text += " " + outcome.message;
    if (!outcome.checkpoint.empty()) text += "\nCheckpoint: " + outcome.checkpoint.string();
    return text + "\n";
}

std::string summary(const Diagnosis& diagnosis) {
    const auto others = diagnosis.findings.size() - 1;
    return std::string(kind_of(diagnosis.findings.front().cause).title) + (others > 0 ? ", and " + std::to_string(others) + " more" : "");
}

/// What the Doctor finds once a run is over; a run is none the worse when it finds no answer.
std::optional<Diagnosis> diagnosis_of(Project& project, std::int64_t run, const engine::TrainingOutcome& outcome, const Context& context) {
    if (outcome.status == RunStatus::Stopped || context.cancelled().is_cancelled()) return {};
    auto diagnosis = engine::diagnose(project, run, {}, context.cancelled());
    if (!diagnosis) return {};
    if (!diagnosis->findings.empty())
        static_cast<void>(project.runs().add_event(run, outcome.steps, "doctor", "The Doctor found: " + summary(*diagnosis) + "."));
    return std::move(*diagnosis);
}

std::string in_words(const Diagnosis& diagnosis, const TrainCall& call) {
    if (diagnosis.findings.empty()) return {};
    return "The Doctor: " + summary(diagnosis) + ". See: lossmith-cli doctor " + call.project + " " + std::to_string(diagnosis.run) +
           " --kept\n";
}

/// Under torchrun, srun or mpirun all processes are called alike, and all but the first only compute.
Result<bool> is_other_rank() {
    const auto world = LOSSMITH_TRY(engine::world_from_environment());
    return world && world->rank > 0;
}

Status run_train(const TrainCall& call, const Context& context) {
    if (LOSSMITH_TRY(is_other_rank())) return engine::serve_as_rank();
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    const std::int64_t run = LOSSMITH_TRY(chosen_run(call, *project));
    engine::RunStart start{call.resume > 0, {}};
    if (call.processes > 0) start.processes = static_cast<int>(call.processes);
    const auto outcome = LOSSMITH_TRY(engine::drive_run(*project, run, start, context.cancelled(), context.progress()));
    const auto diagnosis = diagnosis_of(*project, run, outcome, context);
    if (context.json()) {
        Json best;
        if (outcome.best_validation_loss) best = {{"step", outcome.best_step}, {"validation_loss", *outcome.best_validation_loss}};
        if (outcome.best_validation_reward) best["validation_reward"] = *outcome.best_validation_reward;
        Json found = Json::array();
        if (diagnosis)
            for (const Finding& finding : diagnosis->findings) found.push_back(kind_of(finding.cause).name);
        context.print_json({{"run", run},
                            {"status", name_of(outcome.status)},
                            {"steps", outcome.steps},
                            {"best", best},
                            {"checkpoint", outcome.checkpoint.empty() ? Json() : Json(outcome.checkpoint.string())},
                            {"seconds", outcome.spent},
                            {"findings", found},
                            {"message", outcome.message}});
    } else {
        context.print(in_words(outcome, run));
        context.print(in_a_sentence(outcome.spent) + "\n");
        if (diagnosis) context.print(in_words(*diagnosis, call));
    }
    if (outcome.status == RunStatus::Failed) return failure(Error::internal(outcome.message));
    if (context.cancelled().is_cancelled()) return failure(Error::cancelled());
    return {};
}

}  // namespace

void add_train(CLI::App& app, Context& context) {
    auto call = std::make_shared<TrainCall>();
    Verb verb = context.add_verb(app, "train", "Trains a model on the project's rows, to the end of the run.",
                                 [call, &context] { return run_train(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    const Option config = add_config_options(verb, call->config);
    const Option again = verb.add_option("--again", call->again, "A new run with this one's config, but for what --set changes")
                             .type_name("RUN")
                             .positive()
                             .excludes(config);
    verb.add_option("--resume", call->resume, "Goes on with a run from its newest checkpoint").type_name("RUN").positive().excludes(again);
    verb.add_option("--processes", call->processes, "Computes in this many processes here, whatever the run's nproc_per_node says")
        .type_name("N")
        .positive();
    verb.add_option("--run", call->run, "Trains a run that is queued in the project").type_name("RUN").positive().excludes(again);
}

void add_rank(CLI::App& app, Context& context) {
    context.add_verb(app, "rank", "One of the other processes of a run; `train` starts them by itself.",
                     [] { return engine::serve_as_rank(); });
}

}  // namespace lossmith::cli
