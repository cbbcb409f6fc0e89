// The window's side of the engine: starts `lossmith-cli serve`, asks it things, starts it again when it dies.
#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

/// Lives on one thread, blocks never. Requests made before the engine is ready wait for it, and each waits until the one before it
/// is answered, so that a crash costs only the request that was under way.
class EngineClient : public QObject {
    Q_OBJECT

public:
    enum class State { Stopped, Starting, Ready, Restarting };

    using Answer = std::function<void(Result<Json>)>;
    using ProgressNote = std::function<void(const Json&)>;  ///< the `value` of $/progress

    /// `program`: the path of lossmith-cli. The process starts with the first request, or by start().
    explicit EngineClient(QString program, QObject* parent = nullptr);
    /// Ends the process, within a second or by force. What is not answered by then never is.
    ~EngineClient() override;

    void start();
    [[nodiscard]] State state() const;

    /// Calls `answer` exactly once, on this object's thread and never from within this call. When `context` goes, the request is
    /// cancelled and not answered; null: there is no such object. A request that was under way when the engine died is answered
    /// with an Error saying so, and the engine is started again: not more than 3 times a minute, above that all that waits is
    /// answered with an Error.
    std::uint64_t request(const QString& method, const Json& params, QObject* context, Answer answer, ProgressNote progress = {});

    /// Asks the engine to give up a request; it is then answered with ErrorKind::Cancelled, and no more progress comes. An engine
    /// that goes on for 2 seconds nevertheless is killed and started again. An id that is not waiting is ignored.
    void cancel(std::uint64_t request);

Q_SIGNALS:
    void state_changed(lossmith::EngineClient::State state);
    /// One line for the status bar, e.g. "The engine stopped unexpectedly and was started again."
    void notice(const QString& line);

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
