// Queued runs, started one after another.
#include "ui/train/RunQueue.h"

#include <QDateTime>
#include <algorithm>

#include "core/project/Project.h"
#include "ui/shell/ProjectSession.h"

namespace lossmith::ui {
namespace {

/// A process that was started by hand needs about a second to take the run it has queued.
constexpr qint64 patience_seconds = 15;
/// Processes that die leave no mark in the file: look for them from time to time.
constexpr int look_milliseconds = 1000;

qint64 seconds_since(const std::string& iso) {
    const QDateTime at = QDateTime::fromString(QString::fromStdString(iso), Qt::ISODateWithMs);
    return at.isValid() ? at.secsTo(QDateTime::currentDateTimeUtc()) : 0;
}

}  // namespace

RunQueue::RunQueue(RunLauncher launcher, QObject* parent) : QObject(parent), m_launcher(std::move(launcher)) {
    m_timer.setInterval(look_milliseconds);
    connect(&m_timer, &QTimer::timeout, this, &RunQueue::read);
}

void RunQueue::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_expected.clear();
    m_tried.clear();
    m_launched.clear();
    m_asking = false;
    m_timer.stop();
    if (!session) return;
    connect(session, &ProjectSession::changed, this, &RunQueue::read);
    m_timer.start();
    read();
}

void RunQueue::expect(std::int64_t run) {
    m_expected.insert(run);
    m_tried.remove(run);
    read();
}

void RunQueue::resume(std::int64_t run) {
    launch(run, RunLauncher::Way::Resume);
}

void RunQueue::read() {
    if (!m_session) return;
    if (m_asking) {
        m_ask_again = true;
        return;
    }
    m_asking = true;
    m_session->ask(
        this, [](Project& project) { return project.runs().runs(); },
        [this, asked = m_session](const Result<std::vector<Run>>& runs) {
            if (asked != m_session) return;
            m_asking = false;
            if (runs) {
                look(*runs);
                Q_EMIT runs_changed(*runs);
            }
            if (std::exchange(m_ask_again, false)) read();
        });
}

bool RunQueue::is_ours_to_start(const Run& run) const {
    if (run.status != RunStatus::Queued || m_launched.contains(run.id) || m_tried.contains(run.id)) return false;
    if (m_accepted.unread(run.config)) return false;
    return m_expected.contains(run.id) || seconds_since(run.created_at) >= patience_seconds;
}

void RunQueue::look(const std::vector<Run>& runs) {
    for (const Run& run : runs) {
        const qint64 process = m_launched.value(run.id, 0);
        if (process == 0) continue;  // not ours, or still being started
        const bool has_begun = run.process == process && run.status != RunStatus::Queued;
        if (!has_begun && is_process_alive(process)) continue;
        m_launched.remove(run.id);
        if (!has_begun) look_why(run.id, process);
    }
    const bool busy = !m_launched.isEmpty() || std::ranges::any_of(runs, [](const Run& run) {
        return run.status == RunStatus::Running || run.status == RunStatus::Paused;
    });
    if (busy) return;
    // The newest come first, and the oldest has waited longest.
    const auto next = std::find_if(runs.rbegin(), runs.rend(), [this](const Run& run) { return is_ours_to_start(run); });
    if (next != runs.rend()) launch(next->id, RunLauncher::Way::FromTheStart);
}

void RunQueue::launch(std::int64_t run, RunLauncher::Way way) {
    if (!m_session || m_launched.contains(run)) return;
    m_launched.insert(run, 0);
    m_tried.insert(run);
    m_session->ask(
        this,
        [launcher = m_launcher, run, way](Project& project) { return launcher.start(project.path(), project.run_folder(run), run, way); },
        [this, run, way, asked = m_session](const Result<qint64>& process) {
            if (asked != m_session) return;
            if (process) {
                m_launched.insert(run, *process);
                return;
            }
            m_launched.remove(run);
            if (way == RunLauncher::Way::FromTheStart)
                give_up(run, process.error());
            else
                Q_EMIT launch_failed(run, process.error());
        });
}

void RunQueue::look_why(std::int64_t run, qint64 process) {
    m_session->ask(
        this,
        [run, process](Project& project) -> Result<std::optional<Error>> {
            // What was read before may be older than the process's end: it may have begun, and be done already.
            const Run now = LOSSMITH_TRY(project.runs().run(run));
            if (now.process == process) return std::optional<Error>();
            const std::string log = end_of_log(project.run_folder(run)).toStdString();
            const Error error = Error::internal("The run's process ended before it began" + (log.empty() ? std::string(".") : ": " + log));
            if (now.status == RunStatus::Queued) LOSSMITH_CHECK(project.runs().set_status(run, RunStatus::Failed, describe(error)));
            return std::optional(error);
        },
        [this, run](const Result<std::optional<Error>>& error) {
            if (!error)
                Q_EMIT launch_failed(run, error.error());
            else if (*error)
                Q_EMIT launch_failed(run, **error);
        });
}

void RunQueue::give_up(std::int64_t run, const Error& error) {
    m_expected.remove(run);
    if (!m_session) return;
    m_session->ask(
        this,
        [run, sentence = describe(error)](Project& project) -> Status {
            return project.runs().set_status(run, RunStatus::Failed, sentence);
        },
        [this, run, error](const Status&) { Q_EMIT launch_failed(run, error); });
}

}  // namespace lossmith::ui

#include "moc_RunQueue.cpp"
