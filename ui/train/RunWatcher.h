// One run followed as its process writes it: each news holds only what was not told before.
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <cstdint>
#include <string>
#include <vector>

#include "core/project/MetricStore.h"
#include "core/project/RunStore.h"

namespace lossmith {
class Project;
}

namespace lossmith::ui {

class ProjectSession;

struct RunNews {
    Run run;
    bool from_the_start = false;  ///< forget what was told before: another run, or this one was resumed
    std::vector<Metric> metrics;  ///< by name, then step
    std::vector<RunEvent> events;
    std::vector<Sample> samples;                  ///< all of them, by step, then prompt
    std::vector<RewardedCompletion> completions;  ///< new ones, by step, prompt, completion
    std::vector<Checkpoint> checkpoints;
    std::int64_t disk_bytes = 0;  ///< what lies in the run's folder
};

class RunWatcher : public QObject {
    Q_OBJECT

public:
    explicit RunWatcher(QObject* parent = nullptr);

    void set_project(ProjectSession* session);
    /// 0: none.
    void watch(std::int64_t run);
    /// A process that dies leaves no mark in the file: somebody who noticed asks for a look.
    void look_again() { read(); }
    [[nodiscard]] std::int64_t run() const { return m_run; }

Q_SIGNALS:
    void news(const lossmith::ui::RunNews& news);
    void failed(const lossmith::Error& error);

private:
    struct Seen {
        std::vector<std::string> names;
        std::vector<std::int64_t> steps;  ///< the last step told of each name
        std::int64_t event = 0;
        std::int64_t step = 0;
        std::int64_t completions_step = -1;
        std::string process;  ///< the process that had the run; another one may have gone back some steps
    };
    struct Read {
        RunNews news;
        Seen seen;
    };

    void read();
    [[nodiscard]] static Result<Read> read_from(Project& project, std::int64_t run, Seen seen, bool look_for_names);

    QPointer<ProjectSession> m_session;
    std::int64_t m_run = 0;
    std::uint64_t m_generation = 0;
    bool m_asking = false;
    bool m_ask_again = false;
    Seen m_seen;
    QTimer m_names;  ///< while it runs, the names of the curves are taken as known
};

}  // namespace lossmith::ui
