// A run as a batch script for Slurm.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/Result.h"
#include "core/config/RunConfig.h"

namespace lossmith {

/// Names are sbatch's options.
struct SlurmJob {
    std::string project;  ///< as the cluster's machines see it
    int nodes = 1;
    int ntasks_per_node = 1;        ///< on graphics cards, as many as the config names
    int cpus_per_task = 0;          ///< 0: what the cluster gives
    std::string time = "24:00:00";  ///< at most: minutes, hours:minutes:seconds or days-hours
};

/// The script: all tasks compute one run of this config, the first keeps its record in the project. BadInput for a config or a job that can
/// not be run.
[[nodiscard]] Result<std::string> slurm_script(const RunConfig& config, const SlurmJob& job);

}  // namespace lossmith
