// Decides what is asked next, what becomes of it when the engine dies, and whether the engine is started again.
#include "core/protocol/EngineClient.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QTimer>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "core/protocol/EngineProcess.h"

namespace lossmith {
namespace {

using namespace std::chrono_literals;

constexpr auto start_patience = 60s;  ///< LibTorch from a slow disk takes a while
constexpr auto cancel_patience = 2s;
constexpr auto restart_window = 60s;
constexpr std::size_t most_restarts = 3;
constexpr std::int64_t handshake = 0;  ///< the id of `initialize`; requests count from one

struct Asked {
    std::uint64_t id = 0;
    std::string method;
    Json params;
    bool has_context = false;
    QPointer<QObject> context;
    EngineClient::Answer answer;
    EngineClient::ProgressNote progress;
    bool cancelled = false;
    QMetaObject::Connection context_watch;

    [[nodiscard]] bool wanted() const { return !has_context || context; }
};

using AskedPointer = std::shared_ptr<Asked>;

}  // namespace

struct EngineClient::Parts {
    Parts(EngineClient& the_owner, QString the_program) : owner(the_owner), program(std::move(the_program)) {
        clock.start();
        start_timer.setSingleShot(true);
        cancel_timer.setSingleShot(true);
        QObject::connect(&start_timer, &QTimer::timeout, &owner,
                         [this] { process->kill(Error::internal("The engine did not get ready.")); });
        QObject::connect(&cancel_timer, &QTimer::timeout, &owner, [this] { end_stubborn_request(); });
    }

    void set_state(State now);
    void launch(State as);
    void forget_process();
    void ask_next();
    void deliver(const AskedPointer& asked, Result<Json> result);
    void forget(const Asked& asked);
    void fail_everything(const Error& error);
    void stop(const Error& error);
    void end_stubborn_request();
    [[nodiscard]] bool may_restart();

    void on_message(const protocol::Message& message);
    void on_handshake(const Result<Json>& result);
    void on_progress(const Json& params);
    void on_ended(const Error& reason, bool had_started);

    EngineClient& owner;
    QString program;
    State state = State::Stopped;
    std::unique_ptr<protocol::EngineProcess> process;
    std::deque<AskedPointer> waiting;
    AskedPointer under_way;
    std::map<std::uint64_t, AskedPointer> unanswered;  ///< all whose answer was not called yet
    std::uint64_t last_id = 0;
    bool stubborn = false;  ///< the process is being killed because it did not heed a cancel
    bool gave_up = false;   ///< it died too often
    std::deque<qint64> restarts;
    QElapsedTimer clock;
    QTimer start_timer;
    QTimer cancel_timer;
};

void EngineClient::Parts::set_state(State now) {
    if (state == now) return;
    state = now;
    Q_EMIT owner.state_changed(now);
}

bool EngineClient::Parts::may_restart() {
    const qint64 now = clock.elapsed();
    while (!restarts.empty() && now - restarts.front() > std::chrono::milliseconds(restart_window).count()) restarts.pop_front();
    if (restarts.size() >= most_restarts) return false;
    restarts.push_back(now);
    return true;
}

void EngineClient::Parts::launch(State as) {
    process = std::make_unique<protocol::EngineProcess>(program);
    QObject::connect(process.get(), &protocol::EngineProcess::received, &owner,
                     [this](const protocol::Message& message) { on_message(message); });
    QObject::connect(process.get(), &protocol::EngineProcess::ended, &owner,
                     [this](const Error& reason, bool had_started) { on_ended(reason, had_started); });
    process->send(protocol::make_request(handshake, "initialize", {{"protocol", protocol::version}, {"client", "lossmith"}}));
    start_timer.start(start_patience);
    set_state(as);
}

// Its own signal may be on the stack.
void EngineClient::Parts::forget_process() {
    start_timer.stop();
    cancel_timer.stop();
    if (!process) return;
    process->disconnect(&owner);
    process.release()->deleteLater();
}

void EngineClient::Parts::ask_next() {
    while (state == State::Ready && !under_way && !waiting.empty()) {
        const AskedPointer next = waiting.front();
        waiting.pop_front();
        under_way = next;
        Json params = next->params;
        if (next->progress) params["progressToken"] = next->id;
        process->send(protocol::make_request(next->id, next->method, params));
    }
}

// Always by way of the event loop: whoever is called may ask, cancel, or delete this client.
void EngineClient::Parts::deliver(const AskedPointer& asked, Result<Json> result) {
    QMetaObject::invokeMethod(
        &owner,
        [this, asked, result = std::move(result)]() mutable {
            forget(*asked);
            if (!asked->wanted()) return;
            if (asked->cancelled) result = failure(Error::cancelled());
            asked->answer(std::move(result));
        },
        Qt::QueuedConnection);
}

void EngineClient::Parts::forget(const Asked& asked) {
    QObject::disconnect(asked.context_watch);
    unanswered.erase(asked.id);
}

void EngineClient::Parts::fail_everything(const Error& error) {
    if (under_way) deliver(std::exchange(under_way, nullptr), failure(error));
    for (const AskedPointer& asked : std::exchange(waiting, {})) deliver(asked, failure(error));
}

void EngineClient::Parts::stop(const Error& error) {
    forget_process();
    fail_everything(error);
    set_state(State::Stopped);
    Q_EMIT owner.notice(QString::fromStdString(error.message));
}

void EngineClient::Parts::end_stubborn_request() {
    if (!under_way) return;
    deliver(std::exchange(under_way, nullptr), failure(Error::cancelled()));
    stubborn = true;
    set_state(State::Restarting);
    process->kill(Error::internal("The engine did not stop when it was asked to."));
}

void EngineClient::Parts::on_message(const protocol::Message& message) {
    if (const auto* note = std::get_if<protocol::Notification>(&message)) {
        if (note->method == "$/progress") on_progress(note->params);
        return;
    }
    const auto* response = std::get_if<protocol::Response>(&message);
    if (!response) return;
    if (response->id == Json(handshake)) return on_handshake(response->result);
    if (!under_way || response->id != Json(under_way->id)) return;
    cancel_timer.stop();
    deliver(std::exchange(under_way, nullptr), response->result);
    ask_next();
}

void EngineClient::Parts::on_handshake(const Result<Json>& result) {
    if (state == State::Ready) return;
    start_timer.stop();
    if (!result) return stop(result.error());
    const auto found = result->is_object() ? result->find("protocol") : result->end();
    if (found == result->end() || *found != Json(protocol::version))
        return stop(Error::unsupported("The engine and this window are of different versions.")
                        .with_hint("Install Lossmith again, so that both come from the same package.")
                        .in_file(program.toStdString()));
    set_state(State::Ready);
    ask_next();
}

void EngineClient::Parts::on_progress(const Json& params) {
    const auto token = params.find("token");
    const auto value = params.find("value");
    if (!under_way || token == params.end() || value == params.end() || *token != Json(under_way->id) || !under_way->progress) return;
    QMetaObject::invokeMethod(
        &owner,
        [asked = under_way, value = *value] {
            if (asked->wanted() && !asked->cancelled) asked->progress(value);
        },
        Qt::QueuedConnection);
}

void EngineClient::Parts::on_ended(const Error& reason, bool had_started) {
    if (!had_started) return stop(reason);
    forget_process();
    if (under_way) deliver(std::exchange(under_way, nullptr), failure(reason));
    if (std::exchange(stubborn, false)) {
        // Not counted: it happens at the user's wish, and at most once in two seconds.
        launch(State::Restarting);
        Q_EMIT owner.notice(tr("The engine did not stop when asked and was started again."));
    } else if (may_restart()) {
        launch(State::Restarting);
        Q_EMIT owner.notice(tr("The engine stopped unexpectedly and was started again."));
    } else {
        gave_up = true;
        Error error = reason;
        error.message = "The engine keeps stopping, and is not started again for a minute.";
        stop(error);
    }
}

EngineClient::EngineClient(QString program, QObject* parent)
    : QObject(parent), m_parts(std::make_unique<Parts>(*this, std::move(program))) {}

EngineClient::~EngineClient() {
    if (m_parts->process && m_parts->under_way)
        m_parts->process->send(protocol::make_notification("$/cancelRequest", {{"id", m_parts->under_way->id}}));
}

void EngineClient::start() {
    if (m_parts->state != State::Stopped) return;
    if (m_parts->gave_up && !m_parts->may_restart())
        return m_parts->fail_everything(
            Error::internal("The engine stopped too often within a minute.").with_hint("Try again in a minute."));
    m_parts->gave_up = false;
    m_parts->launch(State::Starting);
}

EngineClient::State EngineClient::state() const {
    return m_parts->state;
}

std::uint64_t EngineClient::request(const QString& method, const Json& params, QObject* context, Answer answer, ProgressNote progress) {
    auto asked = std::make_shared<Asked>();
    asked->id = ++m_parts->last_id;
    asked->method = method.toStdString();
    asked->params = params.is_null() ? Json::object() : params;
    asked->has_context = context != nullptr;
    asked->context = context;
    asked->answer = std::move(answer);
    asked->progress = std::move(progress);
    // The engine shall not go on working for a page that was closed.
    if (context != nullptr) asked->context_watch = connect(context, &QObject::destroyed, this, [this, id = asked->id] { cancel(id); });
    m_parts->unanswered.emplace(asked->id, asked);
    m_parts->waiting.push_back(asked);
    if (m_parts->state == State::Stopped)
        start();
    else
        m_parts->ask_next();
    return asked->id;
}

void EngineClient::cancel(std::uint64_t request) {
    const auto found = m_parts->unanswered.find(request);
    if (found == m_parts->unanswered.end() || found->second->cancelled) return;
    const AskedPointer asked = found->second;
    asked->cancelled = true;
    if (asked == m_parts->under_way) {
        m_parts->process->send(protocol::make_notification("$/cancelRequest", {{"id", request}}));
        m_parts->cancel_timer.start(cancel_patience);
    } else if (std::erase(m_parts->waiting, asked) > 0) {
        m_parts->deliver(asked, failure(Error::cancelled()));
    }
}

}  // namespace lossmith

#include "moc_EngineClient.cpp"
