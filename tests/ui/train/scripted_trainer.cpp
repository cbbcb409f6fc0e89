// A run's process for the window's tests: it takes the run and writes to the project file as the trainer does, without a model.
//
// A run named "obey" goes on until it is told to stop, and pauses and continues; "vanish" is gone after five steps as if killed (when it
// is resumed it finishes); "refuse" ends before it takes the run. Any other finishes after twenty steps.
#include <QCoreApplication>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

using namespace lossmith;

namespace {

constexpr auto pace = std::chrono::milliseconds(5);
constexpr std::int64_t all_steps = 20;
constexpr std::int64_t vanishing_step = 5;

Status write_step(Project& project, std::int64_t run, std::int64_t step) {
    const Metric metrics[] = {{step, "train/loss", 4.0 / static_cast<double>(step)}, {step, "learning_rate", 1e-4}};
    LOSSMITH_CHECK(project.metrics().write(run, metrics));
    return project.runs().set_step(run, step);
}

Status obey(Project& project, std::int64_t run, std::int64_t step, bool& paused, bool& stopped) {
    for (const RunCommand command : LOSSMITH_TRY(project.runs().take_commands(run))) {
        switch (command) {
            case RunCommand::Pause:
            case RunCommand::Continue:
                paused = command == RunCommand::Pause;
                LOSSMITH_CHECK(project.runs().set_status(run, paused ? RunStatus::Paused : RunStatus::Running));
                break;
            case RunCommand::Stop: stopped = true; break;
            case RunCommand::CheckpointNow:
                LOSSMITH_CHECK(project.runs().add_event(run, step, "checkpoint", "A checkpoint as asked for."));
                break;
            case RunCommand::SampleNow:
                LOSSMITH_CHECK(project.runs().add_sample(run, {step, 0, "a problem", "its solution", "a text"}));
                break;
        }
    }
    return {};
}

Status train(Project& project, std::int64_t id, bool resume) {
    const Run run = LOSSMITH_TRY(project.runs().run(id));
    if (run.name == "refuse") return failure(Error::bad_input("This run is refused."));
    LOSSMITH_CHECK(project.runs().claim(id));
    LOSSMITH_CHECK(project.runs().set_total_steps(id, all_steps));
    std::int64_t step = 0;
    if (resume) {
        step = run.step > 2 ? run.step - 2 : 0;
        LOSSMITH_CHECK(project.runs().rewind(id, step));
        LOSSMITH_CHECK(project.runs().add_event(id, step, "resumed", "Resumed."));
    } else {
        LOSSMITH_CHECK(project.runs().add_event(id, 0, "started", "Started."));
    }
    bool paused = false;
    bool stopped = false;
    while (!stopped && (run.name == "obey" || step < all_steps)) {
        LOSSMITH_CHECK(obey(project, id, step, paused, stopped));
        if (!paused) LOSSMITH_CHECK(write_step(project, id, ++step));
        if (run.name == "vanish" && !resume && step == vanishing_step) std::_Exit(9);
        std::this_thread::sleep_for(pace);
    }
    return project.runs().set_status(id, stopped ? RunStatus::Stopped : RunStatus::Finished);
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    if (argc != 5 || std::string(argv[1]) != "train") return 2;
    auto project = Project::open(argv[2]);
    const Status trained =
        project ? train(**project, std::atoll(argv[4]), std::string(argv[3]) == "--resume") : Status(failure(project.error()));
    if (trained) return 0;
    std::fprintf(stderr, "lossmith-cli: error: %s\n", trained.error().message.c_str());
    return 1;
}
