// What this process may use of the machine: cores and memory, within its container's limits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lossmith::engine {

struct Machine {
    std::string processor;          ///< "AMD Ryzen 7 5800X"; "CPU" when it is not said
    int cores = 1;                  ///< that this process may run on at once, at least one
    std::int64_t memory_bytes = 0;  ///< installed, or the control group's limit when that is lower; zero: not known
    std::int64_t free_bytes = 0;    ///< that can still be had without swapping
    std::optional<double> load;     ///< share of the cores that was busy over the last minute, 0 to 1
};

/// Reads /proc and /sys below `root`; what is not there is left unknown. `allowed_cores` is the scheduler's answer for this process.
/// Understands version 1 and 2 of control groups, and takes the narrowest limit on the way up.
[[nodiscard]] Machine read_machine(const std::filesystem::path& root, int allowed_cores);

/// This machine, now.
[[nodiscard]] Machine read_machine();

}  // namespace lossmith::engine
