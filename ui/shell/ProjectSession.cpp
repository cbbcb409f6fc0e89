// The worker thread of an open project: it answers questions and watches the file for changes.
#include "ui/shell/ProjectSession.h"

#include <QElapsedTimer>
#include <QTimer>

namespace lossmith::ui {

namespace {
constexpr int poll_milliseconds = 150;
constexpr qint64 quiet_milliseconds = 100;
}  // namespace

/// Two connections: `project` answers, `watcher` only polls. SQLite counts a change for every connection but the one that made it,
/// so the watcher also sees what `project` writes.
struct ProjectSession::Worker {
    QThread thread;
    QObject* place = nullptr;  ///< lives on `thread`; what is invoked on it runs there
    std::unique_ptr<Project> project;
    std::unique_ptr<Project> watcher;
    std::unique_ptr<QTimer> timer;
    std::int64_t version = -1;
    QElapsedTimer since_told;
};

Result<std::unique_ptr<ProjectSession>> ProjectSession::open(const std::filesystem::path& path, bool create) {
    {
        auto project = create ? Project::open_or_create(path) : Project::open(path);
        if (!project) return failure(project.error());
    }
    return std::unique_ptr<ProjectSession>(new ProjectSession(path));
}

ProjectSession::ProjectSession(std::filesystem::path path) : m_path(std::move(path)), m_worker(std::make_unique<Worker>()) {
    m_worker->thread.setObjectName(QStringLiteral("project"));
    m_worker->place = new QObject;
    m_worker->place->moveToThread(&m_worker->thread);
    connect(&m_worker->thread, &QThread::finished, m_worker->place, &QObject::deleteLater);
    m_worker->thread.start();
    QMetaObject::invokeMethod(m_worker->place, [this] { start_worker(); });
}

ProjectSession::~ProjectSession() {
    // The thread ends itself once it has come to this: told to quit from here it may leave before, with work undone and a timer that only
    // it may stop.
    QMetaObject::invokeMethod(m_worker->place, [worker = m_worker.get()] {
        worker->timer.reset();
        worker->watcher.reset();
        worker->project.reset();
        worker->thread.quit();
    });
    m_worker->thread.wait();
}

void ProjectSession::start_worker() {
    auto project = Project::open(m_path);
    auto watcher = Project::open(m_path);
    if (!project || !watcher) {
        Q_EMIT failed(QString::fromStdString(describe(!project ? project.error() : watcher.error())));
        return;
    }
    m_worker->project = std::move(*project);
    m_worker->watcher = std::move(*watcher);
    m_worker->version = m_worker->watcher->data_version().value_or(-1);
    m_worker->since_told.start();
    m_worker->timer = std::make_unique<QTimer>();
    QObject::connect(m_worker->timer.get(), &QTimer::timeout, m_worker->place, [this] { look_for_changes(); });
    m_worker->timer->start(poll_milliseconds);
}

void ProjectSession::look_for_changes() {
    if (!m_worker->watcher || m_worker->since_told.elapsed() < quiet_milliseconds) return;
    const auto version = m_worker->watcher->data_version();
    if (!version || *version == m_worker->version) return;
    m_worker->version = *version;
    m_worker->since_told.restart();
    Q_EMIT changed();
}

void ProjectSession::post(std::function<void(Project&)> work) {
    QMetaObject::invokeMethod(m_worker->place, [this, work = std::move(work)] {
        if (!m_worker->project) return;
        work(*m_worker->project);
        look_for_changes();
    });
}

}  // namespace lossmith::ui

#include "moc_ProjectSession.cpp"
