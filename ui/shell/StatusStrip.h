// The line at the bottom: engine, device, the job under way, the latest notice, the project's file.
#pragma once

#include <QFrame>
#include <QString>

#include "core/protocol/EngineClient.h"

class QLabel;

namespace lossmith::ui {

class Dot;
class MutedLabel;
class ProgressStrip;
class RunningJob;

class StatusStrip : public QFrame {
    Q_OBJECT

public:
    StatusStrip(EngineClient& engine, RunningJob& job, QWidget* parent = nullptr);

    void set_project_path(const QString& path);
    void show_message(const QString& line);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void show_engine(EngineClient::State state);
    void ask_for_devices();
    void show_job();
    void show_path();

    EngineClient& m_engine;
    RunningJob& m_job;
    Dot* m_dot;
    QLabel* m_engine_state;
    QLabel* m_device;
    ProgressStrip* m_progress;
    QLabel* m_message;
    QLabel* m_path_label;
    QString m_path;
    std::int64_t m_shown_run = 0;
};

}  // namespace lossmith::ui
