// Asks the engine about the loss being typed.
#include "ui/loss/LossChecker.h"

#include <utility>

#include "core/protocol/EngineClient.h"

namespace lossmith::ui {

namespace {
constexpr int rest_milliseconds = 150;
constexpr int patience_milliseconds_of_a_check = 300;
}  // namespace

LossChecker::LossChecker(EngineClient& engine, QObject* parent) : QObject(parent), m_engine(engine) {
    m_rest.setSingleShot(true);
    m_rest.setInterval(rest_milliseconds);
    m_patience.setSingleShot(true);
    m_patience.setInterval(patience_milliseconds_of_a_check);
    connect(&m_rest, &QTimer::timeout, this, &LossChecker::send);
    connect(&m_patience, &QTimer::timeout, this, [this] { Q_EMIT is_slow(true); });
}

void LossChecker::ask(const LossQuestion& question) {
    m_question = question;
    ++m_generation;
    m_is_wanted = false;
    m_rest.start();
}

void LossChecker::ask_now(const LossQuestion& question) {
    ask(question);
    m_rest.stop();
    send();
}

void LossChecker::forget() {
    ++m_generation;
    m_rest.stop();
    m_patience.stop();
    m_waits = false;
    m_is_wanted = false;
    Q_EMIT is_slow(false);
}

/// An old question is not cancelled: a check is short, and an engine that is still loading its model would be taken for one that hangs.
void LossChecker::send() {
    if (!m_patience.isActive()) m_patience.start();
    m_waits = m_under_way;
    if (m_under_way) return;
    m_under_way = true;
    m_is_wanted = true;
    Json params = {{"model", m_question.model.toStdString()},
                   {"source", m_question.source.toStdString()},
                   {"parameters", m_question.parameters},
                   {"labels", m_question.labels.toStdString()},
                   {"rows", rows_checked},
                   {"first_row", m_question.first_row}};
    if (!m_question.project.isEmpty()) params["project"] = m_question.project.toStdString();
    m_engine.request(QStringLiteral("loss/check"), params, this,
                     [this, generation = m_generation](const Result<Json>& answer) { take(generation, answer); });
}

void LossChecker::take(std::uint64_t generation, const Result<Json>& answer) {
    m_under_way = false;
    if (generation != m_generation) {
        if (std::exchange(m_waits, false)) send();
        return;
    }
    m_is_wanted = false;
    m_patience.stop();
    Q_EMIT is_slow(false);
    const Result<LossReport> report = answer ? loss_report_from_json(*answer) : Result<LossReport>(failure(answer.error()));
    if (report)
        Q_EMIT answered(*report);
    else
        Q_EMIT failed(report.error());
}

}  // namespace lossmith::ui

#include "moc_LossChecker.cpp"
