// Which of several processes of one run this is, as torchrun, Slurm's srun or Open MPI's mpirun tell it in the environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/Result.h"

namespace lossmith::engine {

/// Names are torch.distributed's.
struct World {
    int rank = 0;         ///< 0 to size - 1; the first keeps the run's record
    int size = 1;         ///< of processes
    std::string address;  ///< of the machine that rank 0 runs on: where all meet
    std::uint16_t port = 0;
    int local_rank = 0;  ///< among the processes on its machine: which of the machine's cards is its own
};

/// Nothing where no launcher set anything, or one process was started alone. torchrun's RANK and WORLD_SIZE come first, then Slurm's
/// SLURM_PROCID and SLURM_NTASKS, then Open MPI's OMPI_COMM_WORLD_RANK and _SIZE, each with its local rank; all meet at MASTER_ADDR and
/// MASTER_PORT. Slurm's are heeded only where MASTER_ADDR is set, since an interactive job's shell has them too.
[[nodiscard]] Result<std::optional<World>> world_from_environment();

/// How many of them are on this machine, as far as a launcher tells; at least 1.
[[nodiscard]] int processes_here();

}  // namespace lossmith::engine
