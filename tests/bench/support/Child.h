// A child process that is measured: how long it ran, the most memory it held, what it said.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] double seconds_since(Clock::time_point start);

struct Outcome {
    int status = -1;  ///< exit status; 128 and more: ended by a signal; -1: never started
    double seconds = 0.0;
    double peak_megabytes = 0.0;  ///< largest resident set, as the kernel counted it (getrusage)
    std::string output;           ///< its standard output
    std::string errors;           ///< its standard error
};

/// Told of each piece of standard output or standard error as it arrives, with the child's process id, so that it can be interrupted.
using Listener = std::function<void(pid_t child, const std::string& piece)>;

/// Looked at about fifty times a second while the child runs.
using Watcher = std::function<void(pid_t child)>;

/// `words` is the program and its arguments; `environment` holds NAME=VALUE beside what is inherited. OPENBLAS_CORETYPE, which would
/// forbid OpenBLAS the code that suits the processor, is not handed down.
[[nodiscard]] Outcome run(const std::vector<std::string>& words, const std::vector<std::string>& environment = {},
                          const Listener& listener = {}, const Watcher& watcher = {});

/// As run(), but ends this program with what the child said when the child fails.
Outcome run_or_exit(const std::vector<std::string>& words, const std::vector<std::string>& environment = {});

/// The Python with the peers, from LOSSMITH_PEER_PYTHON; nothing: they are left out.
[[nodiscard]] std::optional<std::string> peer_python();

[[nodiscard]] double median(std::vector<double> values);

}  // namespace bench
