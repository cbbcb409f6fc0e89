// A large CSV into a project, as a user does it: `bench_import [MEGABYTES] [ROW_BYTES]` writes one in the temporary folder (1,000 MB of
// rows of 500 bytes unless told), imports it with lossmith-cli, and then again, interrupted at a third and at two thirds of it: how long
// until it ends, and that nothing of the file is left in the project, which has rows of another file all the while.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/bench/import/LargeTable.h"
#include "tests/bench/support/Child.h"

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Task {
    fs::path folder;
    std::int64_t megabytes = 1000;
    std::int64_t row_bytes = 500;

    [[nodiscard]] std::string table() const { return (folder / "large.csv").string(); }
    [[nodiscard]] std::string project(const char* name) const { return (folder / name).string(); }
};

[[noreturn]] void give_up(const Task& task, const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::error_code ignored;
    fs::remove_all(task.folder, ignored);
    std::exit(1);
}

std::vector<std::string> import_of(const Task& task, const std::string& project) {
    return {LOSSMITH_BIN "/lossmith-cli", "import", project, task.table(), "--progress"};
}

Json data_of(const std::string& project) {
    return Json::parse(bench::run_or_exit({LOSSMITH_BIN "/lossmith-cli", "data", project, "--json"}).output);
}

void whole(const Task& task) {
    const auto outcome = bench::run(import_of(task, task.project("whole.lossmith")));
    if (outcome.status != 0) give_up(task, "The import ended with " + std::to_string(outcome.status) + ":\n" + outcome.errors);
    std::printf("whole import     %8.1f s  %.0f MB/s\n", outcome.seconds, static_cast<double>(task.megabytes) / outcome.seconds);
    std::printf("peak of memory   %8.0f MB\n", outcome.peak_megabytes);
    std::printf("progress         %8td lines\n", std::ranges::count(outcome.errors, '\n'));
    std::printf("project file     %8.0f MB\n", static_cast<double>(fs::file_size(task.project("whole.lossmith"))) / 1e6);
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(task.project("whole.lossmith") + ending);
}

/// Interrupted when the progress first says this share of the rows or more.
void interrupted(const Task& task, int percent) {
    const std::string project = task.project("interrupted.lossmith");
    const Json before = data_of(project);
    std::string said;
    std::optional<bench::Clock::time_point> asked;
    const auto outcome = bench::run(import_of(task, project), {}, [&](pid_t child, const std::string& piece) {
        said += piece;
        const auto line = said.rfind("reading rows: ");
        if (asked || line == std::string::npos || std::atoi(said.c_str() + line + 14) < percent) return;
        asked = bench::Clock::now();
        ::kill(child, SIGINT);
    });
    if (!asked) give_up(task, "The import ended before it could be interrupted.");
    const double seconds = bench::seconds_since(*asked);
    const bool left_nothing = data_of(project) == before;
    std::printf("interrupted at %2d %%: ended %.2f s later with status %d, %s\n", percent, seconds, outcome.status,
                left_nothing ? "nothing of it in the project" : "BUT SOMETHING OF IT IS IN THE PROJECT");
    std::uintmax_t log = 0;
    if (const fs::path file = project + "-wal"; fs::exists(file)) log = fs::file_size(file);
    std::printf("                 project file %.1f MB, log %.1f MB\n", static_cast<double>(fs::file_size(project)) / 1e6,
                static_cast<double>(log) / 1e6);
    if (!left_nothing) give_up(task, "A cancelled import must leave nothing.");
}

}  // namespace

int main(int argc, char** argv) {
    Task task;
    if (argc > 1) task.megabytes = std::strtoll(argv[1], nullptr, 10);
    if (argc > 2) task.row_bytes = std::strtoll(argv[2], nullptr, 10);
    std::string pattern = (fs::temp_directory_path() / "lossmith-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) give_up(task, "No folder can be made in " + fs::temp_directory_path().string() + ".");
    task.folder = pattern;
    if (task.megabytes < 1 || !bench::write_large_table(task.table(), task.megabytes * 1'000'000, task.row_bytes))
        give_up(task, "The large table cannot be written to " + task.table() + ".");
    std::printf("%lld MB of rows of about %lld bytes\n", static_cast<long long>(task.megabytes), static_cast<long long>(task.row_bytes));
    whole(task);
    const std::string small = (task.folder / "small.csv").string();
    std::ofstream(small) << "problem,solution\nwhat,that\nwho,they\n";
    bench::run_or_exit({LOSSMITH_BIN "/lossmith-cli", "import", task.project("interrupted.lossmith"), small});
    for (const int percent : {33, 66}) interrupted(task, percent);
    fs::remove_all(task.folder);
    return 0;
}
