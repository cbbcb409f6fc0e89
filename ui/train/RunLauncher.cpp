// Starts a run as a process of its own that goes on when the window closes.
#include "ui/train/RunLauncher.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QStringList>
#include <csignal>
#include <system_error>

#include "core/protocol/EngineEnvironment.h"

namespace lossmith::ui {
namespace {

QString log_path(const std::filesystem::path& folder) {
    return QString::fromStdString((folder / "log.txt").string());
}

}  // namespace

QString run_program() {
    return QCoreApplication::applicationDirPath() + QStringLiteral("/lossmith-cli");
}

Result<qint64> RunLauncher::start(const std::filesystem::path& project, const std::filesystem::path& folder, std::int64_t run,
                                  Way way) const {
    if (!QFileInfo(m_program).isExecutable()) {
        return failure(Error::not_found("The training program " + m_program.toStdString() + " is not there or cannot be run.")
                           .with_hint("It is installed beside Lossmith itself; install Lossmith again or build both programs."));
    }
    std::error_code broken;
    std::filesystem::create_directories(folder, broken);
    if (broken) return failure(Error::io("The run's folder " + folder.string() + " cannot be made: " + broken.message() + "."));

    QProcess process;
    process.setProgram(m_program);
    process.setProcessEnvironment(engine_environment());
    process.setArguments({QStringLiteral("train"), QString::fromStdString(project.string()),
                          way == Way::Resume ? QStringLiteral("--resume") : QStringLiteral("--run"), QString::number(run)});
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(log_path(folder), QIODevice::Append);
    process.setStandardErrorFile(log_path(folder), QIODevice::Append);
    qint64 id = 0;
    if (!process.startDetached(&id)) {
        return failure(Error::io("The training program " + m_program.toStdString() +
                                 " could not be started: " + process.errorString().toStdString() + "."));
    }
    return id;
}

bool is_process_alive(qint64 process) {
    return process > 0 && ::kill(static_cast<pid_t>(process), 0) == 0;
}

QString end_of_log(const std::filesystem::path& folder, int lines) {
    QFile file(log_path(folder));
    if (!file.open(QIODevice::ReadOnly)) return {};
    constexpr qint64 tail = 8192;
    if (file.size() > tail) file.seek(file.size() - tail);
    const QStringList all = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    return all.mid(qMax(0, all.size() - lines)).join(QLatin1Char('\n'));
}

}  // namespace lossmith::ui
