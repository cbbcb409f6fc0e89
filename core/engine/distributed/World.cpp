#include "core/engine/distributed/World.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace lossmith::engine {
namespace {

constexpr int most_ranks = 65'536;

struct Launcher {
    const char* rank;
    const char* size;
    const char* local_rank;
    const char* local_size;
};
constexpr Launcher launchers[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"}};

/// A variable's value, or nothing where it is not set.
std::optional<std::string> in_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<int> number_of(const char* name, int least, int most) {
    const auto text = in_environment(name);
    if (!text)
        return failure(Error::bad_input(std::string("The environment variable ") + name + " is not set.")
                           .with_hint("Start all processes by the same launcher, or none of them."));
    int number = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (code != std::errc{} || end != text->data() + text->size() || number < least || number > most)
        return failure(Error::bad_input(std::string("The environment variable ") + name + " is \"" + *text +
                                        "\", which is no number from " + std::to_string(least) + " to " + std::to_string(most) + "."));
    return number;
}

}  // namespace

Result<std::optional<World>> world_from_environment() {
    for (const Launcher& launcher : launchers) {
        if (!in_environment(launcher.rank) && !in_environment(launcher.size)) continue;
        const bool torchrun = &launcher == launchers;
        if (!torchrun && !in_environment("MASTER_ADDR")) continue;
        World world;
        world.size = LOSSMITH_TRY(number_of(launcher.size, 1, most_ranks));
        if (world.size == 1) return std::nullopt;
        world.rank = LOSSMITH_TRY(number_of(launcher.rank, 0, world.size - 1));
        world.local_rank = in_environment(launcher.local_rank) ? LOSSMITH_TRY(number_of(launcher.local_rank, 0, world.size - 1))
                                                               : world.rank % processes_here();
        const auto address = in_environment("MASTER_ADDR");
        if (!address || address->empty())
            return failure(Error::bad_input("The environment variable MASTER_ADDR is not set.")
                               .with_hint("Set it to the name of the machine that the first process runs on."));
        world.address = *address;
        world.port = static_cast<std::uint16_t>(LOSSMITH_TRY(number_of("MASTER_PORT", 1, 65'535)));
        return world;
    }
    return std::nullopt;
}

int processes_here() {
    int processes = 1;
    for (const Launcher& launcher : launchers)
        if (const auto count = in_environment(launcher.local_size)) processes = std::max(processes, std::atoi(count->c_str()));
    return processes;
}

}  // namespace lossmith::engine
