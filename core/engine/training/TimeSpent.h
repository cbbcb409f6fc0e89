// Where the time of a run went.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "core/base/Json.h"

namespace lossmith::engine {

/// Seconds.
struct TimeSpent {
    double steps = 0.0;
    double validation = 0.0;
    double samples = 0.0;
    double checkpoints = 0.0;
    double paused = 0.0;  ///< not part of the whole
    double whole = 0.0;

    /// Metrics, events and commands.
    [[nodiscard]] double rest() const { return std::max(0.0, whole - steps - validation - samples - checkpoints); }
};

void to_json(Json& json, const TimeSpent& spent);

/// "Of 182.3 s, the steps took 96.1 %, validation 2.5 %, samples 0.4 %, checkpoints 0.9 %, metrics and events 0.1 %."
[[nodiscard]] std::string in_a_sentence(const TimeSpent& spent);

/// Adds the time of its life to `seconds`.
class TimedPart {
public:
    explicit TimedPart(double& seconds) : m_seconds(seconds), m_begin(std::chrono::steady_clock::now()) {}
    ~TimedPart() { m_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count(); }
    TimedPart(const TimedPart&) = delete;
    TimedPart& operator=(const TimedPart&) = delete;

private:
    double& m_seconds;
    std::chrono::steady_clock::time_point m_begin;
};

}  // namespace lossmith::engine
