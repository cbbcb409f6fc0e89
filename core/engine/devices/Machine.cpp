#include "core/engine/devices/Machine.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <locale>
#include <sstream>
#include <string_view>
#include <thread>

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::optional<std::int64_t> number_at_start(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{}) return std::nullopt;
    return number;
}

/// What follows `name` on the line that starts with it.
std::optional<std::string> field(const std::string& text, std::string_view name) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name)) return line.substr(name.size());
    return std::nullopt;
}

std::optional<std::int64_t> number_field(const std::string& text, std::string_view name) {
    const auto value = field(text, name);
    return value ? number_at_start(*value) : std::nullopt;
}

std::string processor_name(const std::string& cpuinfo) {
    for (const std::string_view key : {"model name", "Model", "cpu model"}) {
        const auto value = field(cpuinfo, key);
        if (!value) continue;
        const auto start = value->find_first_not_of(" \t:");
        if (start != std::string::npos) return value->substr(start);
    }
    return "CPU";
}

struct Limits {
    double cores = INFINITY;
    std::int64_t memory_bytes = INT64_MAX;
    std::int64_t free_bytes = INT64_MAX;
};

/// `folder` under `mount` and every one above it. A container may see a path that only its host has; those are skipped by reading.
void for_each_level(const fs::path& mount, const fs::path& folder, const std::function<void(const fs::path&)>& visit) {
    fs::path level = folder.relative_path();
    while (!level.empty()) {
        visit(mount / level);
        level = level.parent_path();
    }
    visit(mount);
}

void narrow_memory(Limits& limits, const fs::path& level, const char* limit_name, const char* usage_name, const char* cache_field) {
    const auto limit = number_at_start(read_text(level / limit_name));  // "max" gives nothing
    const auto usage = number_at_start(read_text(level / usage_name));
    if (!limit) return;
    limits.memory_bytes = std::min(limits.memory_bytes, *limit);
    const auto cache = number_field(read_text(level / "memory.stat"), cache_field);
    limits.free_bytes = std::min(limits.free_bytes, std::max<std::int64_t>(0, *limit - usage.value_or(0) + cache.value_or(0)));
}

void narrow_cores(Limits& limits, std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
    if (quota && period && *quota > 0 && *period > 0)
        limits.cores = std::min(limits.cores, static_cast<double>(*quota) / static_cast<double>(*period));
}

Limits control_group_limits(const fs::path& root) {
    Limits limits;
    const fs::path mount = root / "sys/fs/cgroup";
    std::istringstream lines(read_text(root / "proc/self/cgroup"));
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first == std::string::npos ? first : first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const fs::path folder = line.substr(second + 1);
        if (controllers == ",,") {
            for_each_level(mount, folder, [&limits](const fs::path& level) {
                narrow_memory(limits, level, "memory.max", "memory.current", "inactive_file ");
                const std::string quota = read_text(level / "cpu.max");  // "200000 100000" or "max 100000"
                const auto space = quota.find(' ');
                if (space != std::string::npos) narrow_cores(limits, number_at_start(quota), number_at_start(quota.substr(space)));
            });
        } else if (controllers.find(",memory,") != std::string::npos) {
            for_each_level(mount / "memory", folder, [&limits](const fs::path& level) {
                narrow_memory(limits, level, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");
            });
        } else if (controllers.find(",cpu,") != std::string::npos) {
            for_each_level(mount / "cpu", folder, [&limits](const fs::path& level) {
                narrow_cores(limits, number_at_start(read_text(level / "cpu.cfs_quota_us")),
                             number_at_start(read_text(level / "cpu.cfs_period_us")));
            });
        }
    }
    return limits;
}

int scheduler_cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
    return static_cast<int>(std::thread::hardware_concurrency());  // more than 1,024 processors
}

}  // namespace

Machine read_machine(const fs::path& root, int allowed_cores) {
    Machine machine;
    machine.processor = processor_name(read_text(root / "proc/cpuinfo"));
    const Limits limits = control_group_limits(root);
    machine.cores = std::max(1, allowed_cores);
    if (limits.cores < machine.cores) machine.cores = std::max(1, static_cast<int>(std::ceil(limits.cores)));

    const std::string meminfo = read_text(root / "proc/meminfo");
    const auto total = number_field(meminfo, "MemTotal:");
    const auto available = number_field(meminfo, "MemAvailable:");
    if (total) {
        machine.memory_bytes = std::min(*total * 1024, limits.memory_bytes);
        machine.free_bytes = std::min({available.value_or(0) * 1024, limits.free_bytes, machine.memory_bytes});
    }
    // The first number of /proc/loadavg counts waiting threads of the whole machine, which shares of a core can exceed.
    std::istringstream loadavg(read_text(root / "proc/loadavg"));
    loadavg.imbue(std::locale::classic());
    if (double busy = 0; loadavg >> busy) machine.load = std::clamp(busy / machine.cores, 0.0, 1.0);
    return machine;
}

Machine read_machine() {
    return read_machine("/", scheduler_cores());
}

}  // namespace lossmith::engine
