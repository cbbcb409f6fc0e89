#include "tests/bench/support/Child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace bench {

namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    all.reserve(words.size() + 1);
    for (std::string& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> joined_environment(const std::vector<std::string>& more) {
    std::vector<std::string> all = more;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string name = std::string(*entry).substr(0, std::string(*entry).find('=') + 1);
        const bool replaced = std::ranges::any_of(more, [&](const std::string& given) { return given.starts_with(name); });
        if (!replaced && name != "OPENBLAS_CORETYPE=") all.emplace_back(*entry);
    }
    return all;
}

struct Pipe {
    std::array<int, 2> ends{-1, -1};
    bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
};

/// False at the end of the stream.
bool take(int from, std::string& into, pid_t child, const Listener& listener) {
    std::array<char, 1U << 16U> buffer{};
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count <= 0) return false;
    const std::string piece(buffer.data(), static_cast<std::size_t>(count));
    into += piece;
    if (listener) listener(child, piece);
    return true;
}

}  // namespace

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Outcome run(const std::vector<std::string>& words, const std::vector<std::string>& environment, const Listener& listener,
            const Watcher& watcher) {
    Outcome outcome;
    Pipe output;
    Pipe errors;
    if (!output.open() || !errors.open()) return outcome;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.ends[1], STDERR_FILENO);
    std::vector<std::string> arguments = words;
    std::vector<std::string> variables = joined_environment(environment);
    const auto start = Clock::now();
    pid_t child = -1;
    const int refused =
        ::posix_spawnp(&child, arguments.front().c_str(), &actions, nullptr, pointers(arguments).data(), pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(output.ends[1]);
    ::close(errors.ends[1]);
    std::array<pollfd, 2> streams{pollfd{output.ends[0], POLLIN, 0}, pollfd{errors.ends[0], POLLIN, 0}};
    std::array<std::string*, 2> texts{&outcome.output, &outcome.errors};
    while (refused == 0 && (streams[0].fd >= 0 || streams[1].fd >= 0)) {
        ::poll(streams.data(), streams.size(), watcher ? 20 : -1);
        for (std::size_t i = 0; i < streams.size(); ++i)
            if (streams[i].fd >= 0 && streams[i].revents != 0 && !take(streams[i].fd, *texts[i], child, listener)) streams[i].fd = -1;
        if (watcher) watcher(child);
    }
    ::close(output.ends[0]);
    ::close(errors.ends[0]);
    if (refused != 0) return outcome;
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    outcome.seconds = seconds_since(start);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.peak_megabytes = static_cast<double>(usage.ru_maxrss) / 1024.0;
    return outcome;
}

Outcome run_or_exit(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
    Outcome outcome = run(words, environment);
    if (outcome.status == 0) return outcome;
    std::fprintf(stderr, "%s ended with %d:\n%s%s\n", words.front().c_str(), outcome.status, outcome.output.c_str(),
                 outcome.errors.c_str());
    std::exit(1);
}

std::optional<std::string> peer_python() {
    const char* named = std::getenv("LOSSMITH_PEER_PYTHON");
    if (named == nullptr || *named == '\0') return std::nullopt;
    return named;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0.0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
}

}  // namespace bench
