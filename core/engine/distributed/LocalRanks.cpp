#include "core/engine/distributed/LocalRanks.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

extern char** environ;

namespace lossmith::engine {
namespace {

constexpr const char* parent_variable = "LOSSMITH_PARENT";
constexpr auto patience = std::chrono::seconds(20);

std::vector<std::string> environment_of(const World& world, int rank) {
    const std::vector<std::string> own = {"RANK=" + std::to_string(rank),
                                          "LOCAL_RANK=" + std::to_string(rank),
                                          "WORLD_SIZE=" + std::to_string(world.size),
                                          "LOCAL_WORLD_SIZE=" + std::to_string(world.size),
                                          "MASTER_ADDR=" + world.address,
                                          "MASTER_PORT=" + std::to_string(world.port),
                                          std::string(parent_variable) + "=" + std::to_string(::getpid())};
    std::vector<std::string> all = own;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::string_view name = text.substr(0, text.find('=') + 1);
        bool replaced = false;
        for (const std::string& set : own) replaced = replaced || set.starts_with(name);
        if (!replaced) all.emplace_back(text);
    }
    return all;
}

}  // namespace

Result<LocalRanks> LocalRanks::start(const World& world) {
    std::error_code code;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe", code).string();
    LocalRanks ranks;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);  // standard output is for the first one's answer
    int failed = 0;
    for (int rank = 1; rank < world.size && failed == 0; ++rank) {
        std::vector<std::string> environment = environment_of(world, rank);
        std::vector<char*> variables;
        for (std::string& variable : environment) variables.push_back(variable.data());
        variables.push_back(nullptr);
        std::string name = program;
        std::string verb = "rank";
        char* words[] = {name.data(), verb.data(), nullptr};
        pid_t child = 0;
        failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, words, variables.data());
        if (failed == 0) ranks.m_children.push_back(child);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return failure(Error::io("Another process for this run could not be started.").with_hint("Lower nproc_per_node."));
    return ranks;
}

LocalRanks::LocalRanks(LocalRanks&& other) noexcept : m_children(std::move(other.m_children)) {
    other.m_children.clear();
}

LocalRanks::~LocalRanks() {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (const pid_t child : m_children) {
        int status = 0;
        while (::waitpid(child, &status, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > until) {
                ::kill(child, SIGKILL);
                ::waitpid(child, &status, 0);
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

bool started_by_rank() {
    return std::getenv(parent_variable) != nullptr;
}

bool end_with_parent() {
    if (!started_by_rank()) return true;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return std::to_string(::getppid()) == std::getenv(parent_variable);
}

}  // namespace lossmith::engine
