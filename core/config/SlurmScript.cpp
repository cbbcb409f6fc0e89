#include "core/config/SlurmScript.h"

#include <algorithm>
#include <utility>

namespace lossmith {
namespace {

constexpr int most_tasks = 4096;

/// One word of a shell, whatever is in it.
std::string quoted(const std::string& text) {
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

bool is_time(const std::string& time) {
    return !time.empty() && time.size() < 20 &&
           std::ranges::all_of(time, [](char c) { return (c >= '0' && c <= '9') || c == ':' || c == '-'; });
}

/// A job's name: letters that sbatch takes.
std::string name_for(const RunConfig& config) {
    std::string name = "lossmith";
    for (const char c : config.name.substr(0, 40)) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (name.size() == 8) name += '-';
        name += plain ? c : '_';
    }
    return name;
}

}  // namespace

Result<std::string> slurm_script(const RunConfig& config, const SlurmJob& job) {
    if (auto wrong = config.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    if (config.nproc_per_node > 1)
        return failure(Error::bad_input("`nproc_per_node` is for processes that a run starts itself; on a cluster Slurm starts them.")
                           .with_hint("Set it to 1 and say how many tasks a node has instead."));
    if (job.nodes < 1 || job.ntasks_per_node < 1 || job.nodes > most_tasks || job.ntasks_per_node > most_tasks || job.cpus_per_task < 0 ||
        job.cpus_per_task > most_tasks)
        return failure(Error::bad_input("Nodes, tasks and cores are numbers from 1 to " + std::to_string(most_tasks) + "."));
    if (!is_time(job.time))
        return failure(Error::bad_input("\"" + job.time + "\" is no time that Slurm reads.").with_hint("Write hours:minutes:seconds."));
    const bool on_cards = config.devices != std::vector<std::string>{"cpu"};
    if (on_cards && std::cmp_not_equal(job.ntasks_per_node, config.devices.size()))
        return failure(Error::bad_input("The run names " + std::to_string(config.devices.size()) + " graphics cards, and a node has " +
                                        std::to_string(job.ntasks_per_node) + " tasks.")
                           .with_hint("Ask for one task for each of them."));
    const bool alone = job.nodes == 1 && job.ntasks_per_node == 1;
    if (config.reward && !alone)
        return failure(Error::bad_input("A run by reward computes in one process.").with_hint("Ask for one task."));

    std::string script = "#!/bin/bash\n#SBATCH --job-name=" + name_for(config) + "\n#SBATCH --nodes=" + std::to_string(job.nodes) +
                         "\n#SBATCH --ntasks-per-node=" + std::to_string(job.ntasks_per_node) + "\n";
    if (job.cpus_per_task > 0) script += "#SBATCH --cpus-per-task=" + std::to_string(job.cpus_per_task) + "\n";
    if (on_cards) script += "#SBATCH --gpus-per-node=" + std::to_string(job.ntasks_per_node) + "\n";
    script += "#SBATCH --time=" + job.time + "\n";
    script +=
        "# The project and this folder must be seen by all nodes. Opened again, the project shows the run; while it runs, too.\nset -eu\n";
    script += "config=\"$PWD/lossmith-$SLURM_JOB_ID.json\"\ncat > \"$config\" <<'LOSSMITH_CONFIG'\n" + Json(config).dump() +
              "\nLOSSMITH_CONFIG\n";
    if (!alone)
        script +=
            "export MASTER_ADDR=$(scontrol show hostnames \"$SLURM_JOB_NODELIST\" | head -n 1)\n"
            "export MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))\n";
    return script + "srun lossmith-cli train " + quoted(job.project) + " --config \"$config\"\n";
}

}  // namespace lossmith
