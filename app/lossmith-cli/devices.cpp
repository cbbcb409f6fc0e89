// `devices`: what a model can be put on here, and what makes it slower than it need be.
#include "core/engine/devices/Devices.h"

#include <algorithm>
#include <cstdio>

#include "app/lossmith-cli/Verbs.h"

namespace lossmith::cli {
namespace {

std::string gibibytes(std::int64_t bytes) {
    if (bytes <= 0) return "?";
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1U << 30U));
    return text;
}

std::string row(const std::string& id, const std::string& name, const std::string& memory, const std::string& free, const std::string& load,
                std::size_t name_width) {
    char text[512];
    std::snprintf(text, sizeof text, "%-8.8s  %-*.128s  %10.16s  %10.16s  %6.8s\n", id.c_str(), static_cast<int>(name_width), name.c_str(),
                  memory.c_str(), free.c_str(), load.c_str());
    return text;
}

std::string described(const engine::Device& device) {
    if (device.cores > 0) return device.name + ", " + std::to_string(device.cores) + (device.cores == 1 ? " core" : " cores");
    return device.driver.empty() ? device.name : device.name + ", driver " + device.driver;
}

Status run_devices(const Context& context) {
    const std::vector<engine::Device> devices = engine::devices();
    for (const std::string& warning : engine::device_warnings()) context.note(warning);
    if (context.json()) {
        context.print_json(devices);
        return {};
    }
    std::size_t width = 4;
    for (const engine::Device& device : devices) width = std::clamp<std::size_t>(described(device).size(), width, 128);
    context.print(row("device", "name", "memory", "free", "load", width));
    for (const engine::Device& device : devices) {
        const std::string load = device.load ? std::to_string(static_cast<int>(*device.load * 100.0 + 0.5)) + "%" : "?";
        context.print(row(device.id, described(device), gibibytes(device.memory_bytes), gibibytes(device.free_bytes), load, width));
    }
    return {};
}

}  // namespace

void add_devices(CLI::App& app, Context& context) {
    context.add_verb(app, "devices", "What a model can be put on: processor and graphics cards, their memory and load.",
                     [&context] { return run_devices(context); });
}

}  // namespace lossmith::cli
