// A question to the engine of which only the newest counts: asking again gives up the one before.
#pragma once

#include <QObject>
#include <optional>

#include "core/protocol/EngineClient.h"

namespace lossmith::ui {

/// An answer that was cancelled is never told.
class LatestRequest : public QObject {
    Q_OBJECT

public:
    explicit LatestRequest(EngineClient& engine, QObject* parent) : QObject(parent), m_engine(engine) {}
    ~LatestRequest() override { cancel(); }

    void ask(const QString& method, const Json& params, EngineClient::Answer answer, EngineClient::ProgressNote progress = {}) {
        cancel();
        const quint64 number = ++m_number;
        m_request = m_engine.request(
            method, params, this,
            [this, number, answer = std::move(answer)](Result<Json> told) {
                if (number != m_number) return;
                m_request.reset();
                // Answering may ask anew, so that nothing of this object is touched after it.
                const bool cancelled = !told && told.error().kind == ErrorKind::Cancelled;
                Q_EMIT changed();
                if (!cancelled && number == m_number) answer(std::move(told));
            },
            [this, number, progress = std::move(progress)](const Json& value) {
                if (progress && number == m_number) progress(value);
            });
        Q_EMIT changed();
    }

    /// Gives up what was asked; nothing of it is answered any more.
    void forget() {
        if (!m_request) return;
        cancel();
        ++m_number;
        Q_EMIT changed();
    }

    [[nodiscard]] bool is_asking() const { return m_request.has_value(); }

Q_SIGNALS:
    void changed();  ///< is_asking() did

private:
    void cancel() {
        if (m_request) m_engine.cancel(*m_request);
        m_request.reset();
    }

    EngineClient& m_engine;
    std::optional<std::uint64_t> m_request;
    quint64 m_number = 0;
};

}  // namespace lossmith::ui
