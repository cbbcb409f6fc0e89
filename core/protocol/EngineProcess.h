// One life of the engine: a child process, messages both ways, and the reason why it ended.
#pragma once

#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QString>
#include <optional>

#include "core/base/Result.h"
#include "core/protocol/Framing.h"
#include "core/protocol/JsonRpc.h"

namespace lossmith::protocol {

class EngineProcess : public QObject {
    Q_OBJECT

public:
    /// Starts `program serve`.
    explicit EngineProcess(const QString& program, QObject* parent = nullptr);
    /// Asks it to shut down, waits for a second, kills it.
    ~EngineProcess() override;

    void send(const Json& message);
    /// `ended` follows, with this reason.
    void kill(Error reason);

Q_SIGNALS:
    void received(const lossmith::protocol::Message& message);
    /// Once. NotFound or Io when it never started; its last lines on standard error are the hint.
    void ended(const lossmith::Error& reason, bool had_started);

private:
    void read_output();
    void read_errors();
    void on_finished(int code, QProcess::ExitStatus status);
    [[nodiscard]] Error reason_for(int code, QProcess::ExitStatus status) const;

    QProcess m_process;
    FrameReader m_reader;
    QByteArray m_last_errors;       ///< the end of what it wrote to standard error
    std::optional<Error> m_killed;  ///< why we ended it
};

}  // namespace lossmith::protocol
