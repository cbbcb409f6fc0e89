// From the start of the process to the window's first paint, and the memory it then holds: `bench_window [PROJECT]`. Without a project it
// opens empty, as the first time. Offscreen, and on X where xvfb-run is installed; the median of several starts after one that warms the
// disk's cache.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "tests/bench/support/Child.h"

namespace {

namespace fs = std::filesystem;

constexpr int starts = 9;
constexpr const char* under_x_variable = "LOSSMITH_BENCH_UNDER_X";

struct Start {
    double milliseconds;
    double megabytes;
};

std::optional<Start> start_once(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
    std::optional<double> painted;
    const auto begun = bench::Clock::now();
    const auto outcome = bench::run(words, environment, [&](pid_t, const std::string& piece) {
        if (!painted && piece.find("painted, ") != std::string::npos) painted = 1000 * bench::seconds_since(begun);
    });
    if (!painted) {
        std::fprintf(stderr, "%s%s\n", outcome.output.c_str(), outcome.errors.c_str());
        return std::nullopt;
    }
    return Start{*painted, std::atof(outcome.output.c_str() + outcome.output.find("painted, ") + 9)};
}

bool measure(const char* name, const std::vector<std::string>& words, const std::vector<std::string>& environment) {
    std::vector<double> times;
    std::vector<double> memory;
    for (int i = 0; i <= starts; ++i) {
        const auto start = start_once(words, environment);
        if (!start) return false;
        if (i == 0) continue;
        times.push_back(start->milliseconds);
        memory.push_back(start->megabytes);
    }
    std::printf("%-10s first paint %5.0f ms, %5.0f MB, median of %d\n", name, bench::median(times), bench::median(memory), starts);
    std::fflush(stdout);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    std::string home = (fs::temp_directory_path() / "lossmith-bench-XXXXXX").string();
    if (::mkdtemp(home.data()) == nullptr) return 1;
    std::vector<std::string> words = {LOSSMITH_BIN "/lossmith", "--measure-start"};
    if (argc > 1) words.push_back(fs::absolute(argv[1]).string());
    std::vector<std::string> environment = {"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_RUNTIME_DIR=" + home};
    // Called again by xvfb-run: one X server for all starts, so that the time is the window's and not the server's.
    const bool under_x = std::getenv(under_x_variable) != nullptr;
    environment.emplace_back(under_x ? "QT_QPA_PLATFORM=xcb" : "QT_QPA_PLATFORM=offscreen");
    bool well = measure(under_x ? "X" : "offscreen", words, environment);
    fs::remove_all(home);
    if (!under_x && std::system("command -v xvfb-run >/dev/null") == 0) {
        std::vector<std::string> again = {"xvfb-run", "-a"};
        again.insert(again.end(), argv, argv + argc);
        const auto outcome = bench::run(again, {std::string(under_x_variable) + "=1"});
        std::printf("%s%s", outcome.output.c_str(), outcome.errors.c_str());
        well = well && outcome.status == 0;
    }
    return well ? 0 : 1;
}
