// Reads /proc, see proc(5).
#include "core/project/ProcessIdentity.h"

#include <unistd.h>

#include <QString>
#include <QSysInfo>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace lossmith {

namespace {

std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string boot_id() {
    std::string id = read_all("/proc/sys/kernel/random/boot_id");
    while (!id.empty() && id.back() == '\n') id.pop_back();
    return id;
}

/// When a process that has not ended was started; nothing for one that is not there or only waits to be reaped.
std::optional<std::int64_t> start_of(std::int64_t process) {
    const std::string line = read_all("/proc/" + std::to_string(process) + "/stat");
    // The command's name, in brackets, may hold blanks and brackets itself.
    const std::size_t bracket = line.rfind(')');
    if (bracket == std::string::npos) return std::nullopt;
    std::istringstream fields(line.substr(bracket + 1));
    std::string state;
    fields >> state;
    if (state == "Z" || state == "X") return std::nullopt;
    std::string passed;
    for (int field = 4; field < 22; ++field) fields >> passed;
    std::int64_t started = 0;
    if (!(fields >> started)) return std::nullopt;
    return started;
}

}  // namespace

ProcessIdentity this_process() {
    const std::int64_t process = getpid();
    return {process, start_of(process).value_or(0), QSysInfo::machineHostName().toStdString(), boot_id()};
}

Liveness liveness_of(const ProcessIdentity& identity) {
    if (identity.host != QSysInfo::machineHostName().toStdString()) return Liveness::Elsewhere;
    if (identity.boot != boot_id()) return Liveness::Gone;
    return start_of(identity.process) == identity.started ? Liveness::Alive : Liveness::Gone;
}

}  // namespace lossmith
