// The time in which a thread could have run and did not, as the kernel tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lossmith::test {

/// Nanoseconds that a thread waited for a processor, from its /proc/PID/task/TID/schedstat; nothing where that reads otherwise.
[[nodiscard]] std::optional<std::int64_t> run_delay_in(std::string_view schedstat);

/// Ticks that another machine had of this one's processors, all together, from /proc/stat.
[[nodiscard]] std::optional<std::int64_t> stolen_ticks_in(std::string_view stat);

/// Of the thread that made it. What the kernel does not tell counts for nothing.
class LostTime {
public:
    LostTime();
    ~LostTime();
    LostTime(const LostTime&) = delete;
    LostTime& operator=(const LostTime&) = delete;

    /// Nanoseconds since the thread began, another process having its processor.
    [[nodiscard]] std::int64_t run_delay() const;
    /// Nanoseconds since this machine began, another machine having its processors. Takes some ten microseconds.
    [[nodiscard]] std::int64_t stolen() const;

private:
    int m_schedule_file;
    int m_machine_file;
};

}  // namespace lossmith::test
