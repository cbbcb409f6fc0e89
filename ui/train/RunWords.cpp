// Runs in words.
#include "ui/train/RunWords.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QStringList>

#include "core/config/ConfigDifference.h"
#include "ui/widgets/Format.h"

namespace lossmith::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("RunWords", text);
}

}  // namespace

QString status_text(RunStatus status) {
    switch (status) {
        case RunStatus::Queued: return tr("queued");
        case RunStatus::Running: return tr("running");
        case RunStatus::Paused: return tr("paused");
        case RunStatus::Finished: return tr("finished");
        case RunStatus::Stopped: return tr("stopped");
        case RunStatus::EarlyStopped: return tr("stopped early");
        case RunStatus::Failed: return tr("failed");
        case RunStatus::Lost: return tr("lost");
    }
    return {};
}

Role status_role(RunStatus status) {
    switch (status) {
        case RunStatus::Running: return Role::Accent;
        case RunStatus::Paused:
        case RunStatus::Lost: return Role::Warn;
        case RunStatus::Finished:
        case RunStatus::EarlyStopped: return Role::Ok;
        case RunStatus::Failed: return Role::Bad;
        case RunStatus::Queued:
        case RunStatus::Stopped: break;
    }
    return Role::Muted;
}

bool is_under_way(RunStatus status) {
    return status == RunStatus::Queued || status == RunStatus::Running || status == RunStatus::Paused;
}

bool can_resume(const Run& run) {
    return run.status == RunStatus::Lost || run.status == RunStatus::Failed || run.status == RunStatus::Stopped;
}

QString plain_number(double value) {
    return QString::fromStdString(lossmith::plain_number(value));
}

QString config_summary(const RunConfig& config) {
    const QString model = QString::fromStdString(config.model);
    // A folder by its last part; a run by its project's file name.
    QStringList parts{model.contains(QLatin1Char('/')) ? QFileInfo(model).fileName() : model};
    parts.append(config.max_steps > 0             ? counted(config.max_steps, tr("1 step"), tr("%1 steps"))
                 : config.num_train_epochs == 1.0 ? tr("1 epoch")
                                                  : tr("%1 epochs").arg(plain_number(config.num_train_epochs)));
    const int accumulation = config.gradient_accumulation_steps;
    const QString batch = QString::number(config.per_device_train_batch_size);
    parts.append(accumulation > 1 ? tr("batch %1 × %2").arg(batch).arg(accumulation) : tr("batch %1").arg(batch));
    parts.append(tr("rate %1").arg(plain_number(config.learning_rate)));
    parts.append(tr("seed %1").arg(config.seed));
    return parts.join(QStringLiteral(" · "));
}

std::optional<double> seconds_of(const Run& run) {
    const QDateTime start = QDateTime::fromString(QString::fromStdString(run.started_at), Qt::ISODateWithMs);
    if (!start.isValid()) return std::nullopt;
    const QDateTime ended = QDateTime::fromString(QString::fromStdString(run.ended_at), Qt::ISODateWithMs);
    if (!ended.isValid() && run.status != RunStatus::Running && run.status != RunStatus::Paused) return std::nullopt;
    const QDateTime end = ended.isValid() ? ended : QDateTime::currentDateTimeUtc();
    return static_cast<double>(start.msecsTo(end)) / 1000.0;
}

QString model_name_of_run(const QString& project_path, std::int64_t run) {
    return project_path + QLatin1Char(':') + QString::number(run);
}

}  // namespace lossmith::ui
