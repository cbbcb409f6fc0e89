// The other processes of a run on this machine, started by its first.
#pragma once

#include <sys/types.h>

#include <vector>

#include "core/base/Result.h"
#include "core/engine/distributed/World.h"

namespace lossmith::engine {

/// Ranks 1 … world.size - 1 of this very program, called as `lossmith-cli rank` with torchrun's variables. They end with this process.
class LocalRanks {
public:
    [[nodiscard]] static Result<LocalRanks> start(const World& world);
    LocalRanks(LocalRanks&& other) noexcept;
    LocalRanks& operator=(LocalRanks&&) = delete;
    ~LocalRanks();  ///< waits a while for them to end, then ends them

private:
    LocalRanks() = default;
    std::vector<pid_t> m_children;
};

/// Whether another process of this run started this one, which then sees the run's devices as that does.
[[nodiscard]] bool started_by_rank();

/// For a rank: ends with the process that started it, which is this one's parent. False: it has ended already.
[[nodiscard]] bool end_with_parent();

}  // namespace lossmith::engine
