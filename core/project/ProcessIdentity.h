// Which process has a run: enough to tell it from a later one that was given the same number.
#pragma once

#include <cstdint>
#include <string>

namespace lossmith {

struct ProcessIdentity {
    std::int64_t process = 0;
    std::int64_t started = 0;  ///< clock ticks from the machine's start to the process's (field 22 of /proc/PID/stat)
    std::string host;
    std::string boot;  ///< the kernel's id of this start of the machine

    bool operator==(const ProcessIdentity&) const = default;
};

[[nodiscard]] ProcessIdentity this_process();

enum class Liveness { Alive, Gone, Elsewhere };

/// Elsewhere: on another machine, of which nothing can be told from here.
[[nodiscard]] Liveness liveness_of(const ProcessIdentity& identity);

}  // namespace lossmith
