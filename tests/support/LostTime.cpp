#include "tests/support/LostTime.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace lossmith::test {
namespace {

/// Number `index` (from 0) of those that spaces part.
std::optional<std::int64_t> number_at(std::string_view text, int index) {
    std::int64_t value = 0;
    for (int i = 0; i <= index; ++i) {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc()) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    return value;
}

/// The beginning of a file that the kernel writes anew for each reading.
template <std::size_t size>
std::string_view read_start(int file, std::array<char, size>& room) {
    const ssize_t count = file < 0 ? -1 : ::pread(file, room.data(), room.size(), 0);
    return {room.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

}  // namespace

std::optional<std::int64_t> run_delay_in(std::string_view schedstat) {
    return number_at(schedstat, 1);  // "<ns on a processor> <ns waiting for one> <times>"
}

std::optional<std::int64_t> stolen_ticks_in(std::string_view stat) {
    constexpr std::string_view all = "cpu ";  // "cpu  user nice system idle iowait irq softirq steal ..."
    if (!stat.starts_with(all)) return std::nullopt;
    return number_at(stat.substr(all.size()), 7);
}

LostTime::LostTime()
    : m_schedule_file(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)),
      m_machine_file(::open("/proc/stat", O_RDONLY | O_CLOEXEC)) {}

LostTime::~LostTime() {
    if (m_schedule_file >= 0) ::close(m_schedule_file);
    if (m_machine_file >= 0) ::close(m_machine_file);
}

std::int64_t LostTime::run_delay() const {
    std::array<char, 96> room{};
    return run_delay_in(read_start(m_schedule_file, room)).value_or(0);
}

std::int64_t LostTime::stolen() const {
    std::array<char, 192> room{};
    static const std::int64_t tick = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
    return stolen_ticks_in(read_start(m_machine_file, room)).value_or(0) * tick;
}

}  // namespace lossmith::test
