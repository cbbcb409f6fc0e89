// Queued runs, started one after another.
#pragma once

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QTimer>
#include <cstdint>
#include <vector>

#include "core/project/RunStore.h"
#include "ui/train/RunLauncher.h"
#include "ui/widgets/AcceptedLosses.h"

namespace lossmith::ui {

class ProjectSession;

/// Watches a project: when no run is running or paused and one is queued, that one is started, the oldest first. A run queued by
/// somebody else is left to them for a while: its own process may be about to take it. One whose typed loss this user has not accepted
/// waits until it is: a project that was sent may come with queued runs.
class RunQueue : public QObject {
    Q_OBJECT

public:
    explicit RunQueue(RunLauncher launcher, QObject* parent = nullptr);

    void set_project(ProjectSession* session);
    void set_launcher(RunLauncher launcher) { m_launcher = std::move(launcher); }
    /// This window queued it, so it starts as soon as its turn comes.
    void expect(std::int64_t run);
    /// At once, whatever else runs.
    void resume(std::int64_t run);

Q_SIGNALS:
    /// The newest first, each time the project file changed.
    void runs_changed(const std::vector<lossmith::Run>& runs);
    /// A run could not be started; it is marked failed with the reason.
    void launch_failed(qint64 run, const lossmith::Error& error);

private:
    void read();
    void look(const std::vector<Run>& runs);
    [[nodiscard]] bool is_ours_to_start(const Run& run) const;
    void launch(std::int64_t run, RunLauncher::Way way);
    /// The process is gone: had it begun, or why not?
    void look_why(std::int64_t run, qint64 process);
    void give_up(std::int64_t run, const Error& error);

    RunLauncher m_launcher;
    AcceptedLosses m_accepted;
    QPointer<ProjectSession> m_session;
    QTimer m_timer;
    bool m_asking = false;
    bool m_ask_again = false;
    QSet<qint64> m_expected;
    QSet<qint64> m_tried;              ///< started once from here; never again by itself
    QHash<qint64, qint64> m_launched;  ///< run → its process, until the run says it has begun
};

}  // namespace lossmith::ui
