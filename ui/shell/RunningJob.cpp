// Finds the newest run that is running or paused and tells how far it is.
#include "ui/shell/RunningJob.h"

#include "core/project/Project.h"
#include "ui/shell/ProjectSession.h"

namespace lossmith::ui {

void RunningJob::set_project(ProjectSession* session) {
    m_session = session;
    m_state.reset();
    Q_EMIT changed();
    if (session == nullptr) return;
    connect(session, &ProjectSession::changed, this, &RunningJob::read);
    read();
}

void RunningJob::read() {
    if (!m_session) return;
    m_session->ask(
        this, [](Project& project) { return project.runs().runs(); },
        [this](Result<std::vector<Run>> runs) {
            if (!runs) return;  // told by the page that shows runs
            for (const Run& run : *runs) {
                if (run.status == RunStatus::Running || run.status == RunStatus::Paused) {
                    take(run);
                    return;
                }
            }
            take({});
        });
}

void RunningJob::take(const std::optional<Run>& run) {
    if (!run) {
        if (!m_state) return;
        m_state.reset();
        Q_EMIT changed();
        return;
    }
    if (!m_state || m_state->run != run->id) {
        m_first_step = run->step;
        m_since_first.start();
    }
    m_state = State{run->id, QString::fromStdString(run->name), run->status, run->step, run->total_steps, seconds_left(*run)};
    Q_EMIT changed();
}

/// From the pace seen since the run was first noticed: a resumed run's start time says nothing of its pace.
std::optional<double> RunningJob::seconds_left(const Run& run) {
    if (run.status == RunStatus::Paused || run.total_steps <= 0 || run.step <= m_first_step) return std::nullopt;
    const double seconds = static_cast<double>(m_since_first.elapsed()) / 1000.0;
    return seconds * static_cast<double>(run.total_steps - run.step) / static_cast<double>(run.step - m_first_step);
}

void RunningJob::stop() {
    if (!m_session || !m_state) return;
    m_session->ask(
        this, [run = m_state->run](Project& project) { return project.runs().send(run, RunCommand::Stop); }, [](const Status&) {});
}

}  // namespace lossmith::ui

#include "moc_RunningJob.cpp"
