// How far long work has come, told to whoever listens.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace lossmith {

struct Progress {
    std::string stage;       ///< what is being done, e.g. "reading rows"
    std::int64_t done = 0;   ///< in the stage's own unit (bytes, rows, steps)
    std::int64_t total = 0;  ///< zero when not known
};

/// Called from the thread that does the work, often; whoever passes it throttles. May be empty.
using ProgressSink = std::function<void(const Progress&)>;

}  // namespace lossmith
