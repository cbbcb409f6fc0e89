// Asks the engine about the loss being typed: once the keys rest, one question at a time, and only the newest answer counts.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>

#include "core/base/Error.h"
#include "ui/loss/LossReport.h"

namespace lossmith {
class EngineClient;
}

namespace lossmith::ui {

struct LossQuestion {
    QString project;  ///< empty: the shipped sample
    QString model;
    QString source;
    Json parameters = Json::object();
    QString labels;
    std::int64_t first_row = 0;

    bool operator==(const LossQuestion&) const = default;
};

class LossChecker : public QObject {
    Q_OBJECT

public:
    /// How many rows of the data a check runs on.
    static constexpr int rows_checked = 4;

    explicit LossChecker(EngineClient& engine, QObject* parent = nullptr);

    /// Waits until no newer question has come for a moment.
    void ask(const LossQuestion& question);
    void ask_now(const LossQuestion& question);
    /// Nothing more is answered of what was asked.
    void forget();
    [[nodiscard]] bool is_asking() const { return m_rest.isActive() || m_waits || m_is_wanted; }

Q_SIGNALS:
    void answered(const lossmith::ui::LossReport& report);
    void failed(const lossmith::Error& error);
    /// It takes long enough that one would wonder; false once it is answered.
    void is_slow(bool slow);

private:
    void send();
    void take(std::uint64_t generation, const Result<Json>& answer);

    EngineClient& m_engine;
    QTimer m_rest;
    QTimer m_patience;
    LossQuestion m_question;
    std::uint64_t m_generation = 0;  ///< of the newest question
    bool m_under_way = false;        ///< the engine has a question of ours, be it an old one
    bool m_waits = false;            ///< the newest question waits for that answer
    bool m_is_wanted = false;        ///< the newest question is under way
};

}  // namespace lossmith::ui
