// `doctor`: why a run disappointed, and a config that sets it right.
#include "core/engine/doctor/Doctor.h"

#include <algorithm>
#include <fstream>

#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/base/Files.h"
#include "core/diagnosis/Diagnosis.h"
#include "core/engine/devices/Devices.h"
#include "core/project/DiagnosisStore.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {
namespace {

struct DoctorCall {
    std::string project;
    std::int64_t run = 0;
    std::string cure;
    std::vector<std::string> causes;
    bool kept = false;
};

std::string in_words(const Diagnosis& diagnosis) {
    std::string text;
    for (std::size_t i = 0; i < diagnosis.findings.size(); ++i) {
        const Finding& finding = diagnosis.findings[i];
        const CauseKind& kind = kind_of(finding.cause);
        text += std::to_string(i + 1) + ". " + kind.title + " (" + kind.name + ")\n   " + finding.evidence + "\n   " + kind.effect +
                "\n   Do: " + finding.advice + "\n";
        if (!finding.changes.empty()) text += "   Changes: " + finding.changes.dump() + "\n";
        text += "\n";
    }
    if (diagnosis.findings.empty()) text += "Nothing was found that would be wrong with run " + std::to_string(diagnosis.run) + ".\n\n";
    text += "Looked at:\n";
    for (const std::string& line : diagnosis.looked) text += "  " + line + "\n";
    for (const std::string& line : diagnosis.passed) text += "  Not looked at: " + line + "\n";
    return text;
}

/// The findings that are to be cured: those named, else all.
Result<std::vector<Finding>> chosen(const Diagnosis& diagnosis, const std::vector<std::string>& names) {
    if (names.empty()) return diagnosis.findings;
    std::vector<Finding> findings;
    for (const std::string& name : names) {
        const CauseKind* kind = find_cause(name);
        const auto found = kind == nullptr ? diagnosis.findings.end() : std::ranges::find(diagnosis.findings, kind->cause, &Finding::cause);
        if (found == diagnosis.findings.end())
            return failure(
                Error::bad_input("“" + name + "” is not among what was found.").with_hint("Run doctor without --cause to see it."));
        findings.push_back(*found);
    }
    return findings;
}

Status write_cure(const DoctorCall& call, Project& project, const Diagnosis& diagnosis, const Context& context) {
    const Run run = LOSSMITH_TRY(project.runs().run(call.run));
    const auto findings = LOSSMITH_TRY(chosen(diagnosis, call.causes));
    const RunConfig config = LOSSMITH_TRY(cured(run.config, findings));
    std::ofstream file(call.cure);
    file << Json(config).dump(2) << "\n";
    file.close();
    if (!file) return failure(Error::io("The config could not be written.").in_file(call.cure));
    context.note("Train it with: lossmith-cli train " + call.project + " --config " + call.cure);
    return {};
}

Status run_doctor(const DoctorCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    std::optional<Diagnosis> diagnosis;
    if (call.kept) diagnosis = LOSSMITH_TRY(project->diagnoses().of_run(call.run));
    if (!diagnosis) {
        engine::set_up_cpu(0);
        diagnosis = LOSSMITH_TRY(engine::diagnose(*project, call.run, context.progress(), context.cancelled()));
    }
    if (context.json())
        context.print_json(*diagnosis);
    else
        context.print(in_words(*diagnosis));
    return call.cure.empty() ? Status{} : write_cure(call, *project, *diagnosis, context);
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
    auto call = std::make_shared<DoctorCall>();
    Verb verb = context.add_verb(app, "doctor", "Looks for what went wrong in a run: named causes with evidence and what to change.",
                                 [call, &context] { return run_doctor(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("run", call->run, "The run's number").required().type_name("RUN").positive();
    verb.add_option("--cure", call->cure, "Writes the run's config with what is wrong changed").type_name("FILE");
    verb.add_option("--cause", call->causes, "For --cure: only this cause; may be given again")
        .type_name("NAME")
        .repeatable()
        .needs("--cure");
    verb.add_flag("--kept", call->kept, "The diagnosis that is kept from before, where there is one");
}

}  // namespace lossmith::cli
