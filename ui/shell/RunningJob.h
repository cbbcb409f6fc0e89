// The newest run under way in the open project, read from its file, so that it is right after the window was closed or restarted.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QString>
#include <cstdint>
#include <optional>

#include "core/project/RunStore.h"

namespace lossmith::ui {

class ProjectSession;

class RunningJob : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    struct State {
        std::int64_t run = 0;
        QString name;
        RunStatus status = RunStatus::Running;
        std::int64_t step = 0;
        std::int64_t total_steps = 0;
        std::optional<double> seconds_left;
    };

    void set_project(ProjectSession* session);
    [[nodiscard]] const std::optional<State>& state() const { return m_state; }
    void stop();  ///< asks the run to stop; it saves a checkpoint first

Q_SIGNALS:
    void changed();

private:
    void read();
    void take(const std::optional<Run>& run);
    [[nodiscard]] std::optional<double> seconds_left(const Run& run);

    QPointer<ProjectSession> m_session;
    std::optional<State> m_state;
    std::int64_t m_first_step = 0;  ///< when this run was first seen going here
    QElapsedTimer m_since_first;
};

}  // namespace lossmith::ui
