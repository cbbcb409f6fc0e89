#include "core/protocol/EngineProcess.h"

#include <QStringList>
#include <csignal>

#include "core/protocol/EngineEnvironment.h"

namespace lossmith::protocol {
namespace {

constexpr int kept_error_bytes = 4 << 10;
constexpr int ending_milliseconds = 1'000;

}  // namespace

EngineProcess::EngineProcess(const QString& program, QObject* parent) : QObject(parent) {
    connect(&m_process, &QProcess::readyReadStandardOutput, this, &EngineProcess::read_output);
    connect(&m_process, &QProcess::readyReadStandardError, this, &EngineProcess::read_errors);
    connect(&m_process, &QProcess::finished, this, &EngineProcess::on_finished);
    // Queued, because QProcess may tell of it from within start(). All other errors are followed by finished().
    connect(
        &m_process, &QProcess::errorOccurred, this,
        [this](QProcess::ProcessError error) {
            if (error != QProcess::FailedToStart) return;
            Q_EMIT ended(Error::not_found("The engine could not be started: " + m_process.errorString().toStdString() + ".")
                             .with_hint("Install Lossmith again, or check that this file may be run.")
                             .in_file(m_process.program().toStdString()),
                         false);
        },
        Qt::QueuedConnection);
    m_process.setProcessEnvironment(engine_environment());
    m_process.start(program, {QStringLiteral("serve")});
}

EngineProcess::~EngineProcess() {
    m_process.disconnect(this);
    if (m_process.state() == QProcess::NotRunning) return;
    send(make_request("goodbye", "shutdown", Json::object()));
    m_process.closeWriteChannel();
    if (m_process.waitForFinished(ending_milliseconds)) return;
    m_process.kill();
    m_process.waitForFinished(ending_milliseconds);
}

void EngineProcess::send(const Json& message) {
    const std::string bytes = frame(message);
    m_process.write(bytes.data(), static_cast<qint64>(bytes.size()));
}

void EngineProcess::kill(Error reason) {
    if (m_killed) return;
    m_killed = std::move(reason);
    m_process.kill();
}

void EngineProcess::read_output() {
    const QByteArray bytes = m_process.readAllStandardOutput();
    if (m_killed) return;
    const Status status = m_reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}, [this](const std::string& text) {
        const auto message = parse_message(text);
        if (message)
            Q_EMIT received(*message);
        else
            kill(Error::internal("The engine said something that can not be understood: " + message.error().error.message));
    });
    if (!status) kill(Error::internal("The engine said something that can not be understood: " + status.error().message));
}

void EngineProcess::read_errors() {
    m_last_errors += m_process.readAllStandardError();
    if (m_last_errors.size() > kept_error_bytes) m_last_errors.remove(0, m_last_errors.size() - kept_error_bytes);
}

void EngineProcess::on_finished(int code, QProcess::ExitStatus status) {
    read_output();
    read_errors();
    Q_EMIT ended(m_killed ? *m_killed : reason_for(code, status), true);
}

Error EngineProcess::reason_for(int code, QProcess::ExitStatus status) const {
    std::string hint = "It was not asked to. The same request may end it again.";
    std::string how = "exit status " + std::to_string(code);
    if (status == QProcess::CrashExit) {
        how = "signal " + std::to_string(code);
        if (code == SIGKILL)
            hint =
                "The system does this when memory runs out; close other programs, or use a shorter text, a smaller batch or a smaller "
                "model.";
    }
    const QByteArray last = m_last_errors.trimmed();
    if (!last.isEmpty()) hint += "\nIts last lines: " + QString::fromUtf8(last).toStdString();
    return Error::internal("The engine stopped unexpectedly (" + how + ").").with_hint(std::move(hint));
}

}  // namespace lossmith::protocol

#include "moc_EngineProcess.cpp"
