#include "core/engine/distributed/World.h"

#include <charconv>
#include <cstdlib>

namespace lossmith::engine {
namespace {

constexpr int most_ranks = 65'536;

struct Launcher {
    const char* name;
    const char* rank;
    const char* size;
};
constexpr Launcher launchers[] = {{"torchrun", "RANK", "WORLD_SIZE"},
                                  {"Slurm", "SLURM_PROCID", "SLURM_NTASKS"},
                                  {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}};

Result<int> number_of(const Variables& variables, const char* name, int least, int most) {
    const auto text = variables(name);
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

Result<std::optional<World>> world_from(const Variables& variables) {
    for (const Launcher& launcher : launchers) {
        if (!variables(launcher.rank) && !variables(launcher.size)) continue;
        const bool torchrun = &launcher == launchers;
        if (!torchrun && !variables("MASTER_ADDR")) continue;
        World world;
        world.size = LOSSMITH_TRY(number_of(variables, launcher.size, 1, most_ranks));
        if (world.size == 1) return std::nullopt;
        world.rank = LOSSMITH_TRY(number_of(variables, launcher.rank, 0, world.size - 1));
        const auto address = variables("MASTER_ADDR");
        if (!address || address->empty())
            return failure(Error::bad_input("The environment variable MASTER_ADDR is not set.")
                               .with_hint("Set it to the name of the machine that the first process runs on."));
        world.address = *address;
        world.port = static_cast<std::uint16_t>(LOSSMITH_TRY(number_of(variables, "MASTER_PORT", 1, 65'535)));
        return world;
    }
    return std::nullopt;
}

Result<std::optional<World>> world_from_environment() {
    return world_from([](const char* name) {
        const char* value = std::getenv(name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    });
}

}  // namespace lossmith::engine
