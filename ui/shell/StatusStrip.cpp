// The status line, kept right by the engine's signals and the project's runs.
#include "ui/shell/StatusStrip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStringList>

#include "core/base/Progress.h"
#include "ui/shell/RunningJob.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/ProgressStrip.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

/// A filled circle in a state's colour.
class Dot : public QWidget {
public:
    Dot() { setFixedSize(10, 10); }
    void set_role(Role role) {
        m_role = role;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(Theme::colour(m_role));
        painter.drawEllipse(QRectF(1, 1, 8, 8));
    }

private:
    Role m_role = Role::Muted;
};

StatusStrip::StatusStrip(EngineClient& engine, RunningJob& job, QWidget* parent)
    : QFrame(parent),
      m_engine(engine),
      m_job(job),
      m_dot(new Dot),
      m_engine_state(new QLabel),
      m_device(new QLabel),
      m_progress(new ProgressStrip),
      m_message(new QLabel),
      m_path_label(new QLabel) {
    setObjectName(QStringLiteral("status_strip"));
    setAccessibleName(tr("Status"));
    setFixedHeight(30);
    m_engine_state->setObjectName(QStringLiteral("engine_state"));
    m_device->setObjectName(QStringLiteral("device"));
    m_message->setObjectName(QStringLiteral("message"));
    m_message->setMinimumWidth(1);
    m_path_label->setObjectName(QStringLiteral("project_path"));
    m_progress->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 0, 14, 0);
    layout->setSpacing(16);
    auto* engine_part = new QHBoxLayout;
    engine_part->setSpacing(6);
    engine_part->addWidget(m_dot, 0, Qt::AlignVCenter);
    engine_part->addWidget(m_engine_state);
    layout->addLayout(engine_part);
    layout->addWidget(m_device);
    layout->addWidget(m_progress);
    layout->addWidget(m_message, 1);
    layout->addWidget(m_path_label);
    connect(&engine, &EngineClient::state_changed, this, &StatusStrip::show_engine);
    connect(&engine, &EngineClient::notice, this, &StatusStrip::show_message);
    connect(&job, &RunningJob::changed, this, &StatusStrip::show_job);
    connect(m_progress, &ProgressStrip::stop_wanted, &job, &RunningJob::stop);
    show_engine(engine.state());
    show_job();
}

void StatusStrip::set_project_path(const QString& path) {
    m_path = path;
    show_path();
}

void StatusStrip::show_path() {
    const QString shown = m_path.isEmpty() ? tr("no project") : m_path;
    m_path_label->setText(m_path_label->fontMetrics().elidedText(shown, Qt::ElideMiddle, width() / 3));
    m_path_label->setToolTip(m_path);
}

void StatusStrip::resizeEvent(QResizeEvent* event) {
    show_path();
    QFrame::resizeEvent(event);
}

void StatusStrip::show_message(const QString& line) {
    m_message->setText(line);
    m_message->setToolTip(line);
}

void StatusStrip::show_engine(EngineClient::State state) {
    switch (state) {
        case EngineClient::State::Stopped:
            m_engine_state->setText(tr("engine off"));
            m_dot->set_role(Role::Muted);
            m_device->clear();
            break;
        case EngineClient::State::Starting:
            m_engine_state->setText(tr("engine starting…"));
            m_dot->set_role(Role::Warn);
            break;
        case EngineClient::State::Restarting:
            m_engine_state->setText(tr("engine restarting…"));
            m_dot->set_role(Role::Bad);
            break;
        case EngineClient::State::Ready:
            m_engine_state->setText(tr("engine ready"));
            m_dot->set_role(Role::Ok);
            ask_for_devices();
            break;
    }
}

void StatusStrip::ask_for_devices() {
    m_engine.request(QStringLiteral("devices"), Json::object(), this, [this](const Result<Json>& answer) {
        if (!answer || !answer->is_array()) return;
        QStringList names;
        for (const Json& device : *answer)
            if (device.is_object() && device.contains("name") && device["name"].is_string())
                names.append(QString::fromStdString(device["name"].get<std::string>()));
        names.removeAll(QString());
        m_device->setText(names.join(QStringLiteral(" · ")));
    });
}

void StatusStrip::show_job() {
    const auto& job = m_job.state();
    if (!job) {
        m_shown_run = 0;
        m_progress->finish();
        return;
    }
    if (m_shown_run != job->run) {
        m_shown_run = job->run;
        m_progress->start(job->name);
    }
    m_progress->set_progress(Progress{{}, job->step, job->total_steps});
    if (job->status == RunStatus::Paused) {
        m_progress->set_detail(tr("paused at step %1 of %2").arg(count_text(job->step), count_text(job->total_steps)));
    } else if (job->total_steps > 0) {
        QString detail = tr("step %1 of %2").arg(count_text(job->step), count_text(job->total_steps));
        if (job->seconds_left) detail = tr("%1 · %2 left").arg(detail, duration_text(*job->seconds_left));
        m_progress->set_detail(detail);
    } else {
        m_progress->set_detail(tr("preparing…"));
    }
}

}  // namespace lossmith::ui

#include "moc_StatusStrip.cpp"
