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

/// Lives on one thread, blocks never. Requests made before the engine is ready wait for it.
class EngineClient : public QObject {
    Q_OBJECT

public:
    enum class State { Stopped, Starting, Ready, Restarting };

    using Answer = std::function<void(Result<Json>)>;
    using ProgressNote = std::function<void(const Json&)>;   ///< the `value` of $/progress

    /// `program`: the path of lossmith-cli. The process starts with the first request, or by start().
    explicit EngineClient(QString program, QObject* parent = nullptr);
    ~EngineClient() override;

    void start();
    [[nodiscard]] State state() const;

    /// Calls `answer` exactly once, on this object's thread, unless `context` is gone by then. A request that was under way
    /// when the engine died is answered with an Error saying so; the engine is started again (not more than 3 times a minute).
    std::uint64_t request(const QString& method, const Json& params, QObject* context, Answer answer, ProgressNote progress = {});

    /// Asks the engine to give up a request; it is then answered with ErrorKind::Cancelled.
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
