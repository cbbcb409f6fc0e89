// `slurm`: a run as a batch script for a cluster.
#include <filesystem>

#include "app/lossmith-cli/ConfigOptions.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/base/Files.h"
#include "core/config/SlurmScript.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {
namespace {

struct SlurmCall {
    SlurmJob job;
    ConfigOptions config;
    std::int64_t again = 0;
    std::string file;
};

Result<RunConfig> wanted_config(const SlurmCall& call) {
    RunConfig config;
    if (call.again > 0) {
        const auto project = LOSSMITH_TRY(Project::open(call.job.project));
        config = LOSSMITH_TRY(project->runs().run(call.again)).config;
        config.name.clear();
    }
    return config_from(call.config, std::move(config));
}

Status run_slurm(const SlurmCall& call, const Context& context) {
    const RunConfig config = LOSSMITH_TRY(wanted_config(call));
    SlurmJob job = call.job;
    job.project = std::filesystem::absolute(job.project).lexically_normal().string();
    const std::string script = LOSSMITH_TRY(slurm_script(config, job));
    if (!call.file.empty()) LOSSMITH_CHECK(write_file_atomically(call.file, script));
    if (context.json())
        context.print_json({{"script", script}, {"file", call.file.empty() ? Json() : Json(call.file)}});
    else
        context.print(call.file.empty() ? script : "Written: " + call.file + ". Start it with: sbatch " + call.file + "\n");
    return {};
}

}  // namespace

void add_slurm(CLI::App& app, Context& context) {
    auto call = std::make_shared<SlurmCall>();
    Verb verb = context.add_verb(app, "slurm", "Writes a batch script with which Slurm computes a run, on one machine or many.",
                                 [call, &context] { return run_slurm(*call, context); });
    verb.add_option("project", call->job.project, "The project file").required().type_name("PROJECT");
    const Option config = add_config_options(verb, call->config);
    verb.add_option("--again", call->again, "The config of this run").type_name("RUN").positive().excludes(config);
    verb.add_option("--nodes", call->job.nodes, "Machines").type_name("N").capture_default_str();
    verb.add_option("--ntasks-per-node", call->job.ntasks_per_node, "Processes on each").type_name("N").capture_default_str();
    verb.add_option("--cpus-per-task", call->job.cpus_per_task, "Cores of each process; 0: what the cluster gives").type_name("N");
    verb.add_option("--time", call->job.time, "At most, as Slurm reads it").type_name("H:M:S").capture_default_str();
    verb.add_option("--to", call->file, "The script's file; without it the script is printed").type_name("FILE");
}

}  // namespace lossmith::cli
