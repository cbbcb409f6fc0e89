// What watching a run costs: `bench_overhead [ROWS.csv] [STEPS] [N_LAYER]`.
//
// A run of GPT-2's size that logs every step, validates twice and samples as often, once alone and once with the window open on it: the
// shares of its time that went to samples and to metrics, events and commands, as the run itself reckons; and how much of the machine the
// window takes meanwhile.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/base/Json.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/Workplace.h"

namespace {

namespace fs = std::filesystem;
using bench::cli;
using bench::expect;
using lossmith::Json;
using lossmith::parse_json;

/// User's and system's, of a process; zero when it is gone.
double processor_seconds(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto after_name = text.rfind(')');
    if (after_name == std::string::npos) return 0.0;
    std::istringstream fields(text.substr(after_name + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0.0;
    double system = 0.0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// The window on a project, until it is closed.
class Window {
public:
    explicit Window(const std::string& project)
        : m_thread([this, project] {
              const auto watcher = [this](pid_t child) {
                  m_process = child;
                  if (m_closing) ::kill(child, SIGTERM);
              };
              static_cast<void>(
                  bench::run({LOSSMITH_BIN "/lossmith", project, "--page", "train"}, {"QT_QPA_PLATFORM=offscreen"}, {}, watcher));
          }) {}
    ~Window() {
        m_closing = true;
        m_thread.join();
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    [[nodiscard]] double processor_seconds() const { return ::processor_seconds(m_process); }

private:
    std::atomic<pid_t> m_process = 0;
    std::atomic<bool> m_closing = false;
    std::thread m_thread;
};

Json train(const std::vector<std::string>& words) {
    return expect(parse_json(bench::run_or_exit(words).output)).at("seconds");
}

void print(const char* name, const Json& seconds) {
    const double whole = seconds.at("whole").get<double>();
    const auto share = [&](const char* part) { return 100.0 * seconds.at(part).get<double>() / whole; };
    std::printf("%-18s %7.1f s: steps %.2f %%, validation %.2f %%, checkpoints %.2f %%, samples %.2f %%, metrics and events %.2f %%\n",
                name, whole, share("steps"), share("validation"), share("checkpoints"), share("samples"), share("rest"));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const bench::TemporaryFolder folder;
    const std::string project = (folder.path() / "bench.lossmith").string();
    const std::string model = (folder.path() / "model").string();
    const fs::path rows = argc > 1 ? argv[1] : LOSSMITH_SOURCE "/tests/bench/training/gsm8k.csv";
    const std::int64_t steps = argc > 2 ? std::strtoll(argv[2], nullptr, 10) : 200;
    bench::run_or_exit({cli(), "new-model", model, "--n_layer", argc > 3 ? argv[3] : "12"});
    bench::run_or_exit({cli(), "import", project, rows.string(), "--validation", "0.1", "--keep-duplicates"});
    const std::vector<std::string> words = {cli(),
                                            "train",
                                            project,
                                            "--set",
                                            "model=" + model,
                                            "--set",
                                            "max_steps=" + std::to_string(steps),
                                            "--set",
                                            "eval_steps=" + std::to_string(steps / 2),
                                            "--set",
                                            "per_device_train_batch_size=4",
                                            "--json"};
    print("alone", train(words));
    const Window window(project);
    std::this_thread::sleep_for(std::chrono::seconds(3));
    const double before = window.processor_seconds();
    const auto began = bench::Clock::now();
    const Json seconds = train(words);
    const double taken = window.processor_seconds() - before;
    print("with the window", seconds);
    const double offered = bench::seconds_since(began) * static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
    std::printf("The window took %.2f s of the processors: %.2f %% of the machine.\n", taken, 100.0 * taken / offered);
    return 0;
}
