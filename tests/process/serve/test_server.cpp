// The server loop as any program meets it: bytes in, bytes out, an exit status.
#include <QProcess>
#include <QTest>

#include "core/protocol/Framing.h"
#include "core/protocol/JsonRpc.h"

using namespace lossmith;
using namespace lossmith::protocol;

namespace {

#define EVENTUALLY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, 20'000)

/// A running server and what it said so far.
class Conversation {
public:
    Conversation() {
        QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_process, [this] {
            const QByteArray bytes = m_process.readAllStandardOutput();
            const Status status = m_reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())},
                                                [this](const std::string& text) { messages.push_back(Json::parse(text)); });
            if (!status) messages.emplace_back("unreadable");
        });
        m_process.start(QStringLiteral(LOSSMITH_TEST_ENGINE), {QStringLiteral("serve")});
    }

    void say(const std::string& bytes) { m_process.write(bytes.data(), static_cast<qint64>(bytes.size())); }
    void ask(const Json& id, const std::string& method, const Json& params = Json::object()) {
        say(frame(make_request(id, method, params)));
    }
    void cancel(const Json& id) { say(frame(make_notification("$/cancelRequest", {{"id", id}}))); }
    void end() { m_process.closeWriteChannel(); }

    [[nodiscard]] bool ended() const { return m_process.state() == QProcess::NotRunning; }
    [[nodiscard]] int exit_code() const { return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1; }
    [[nodiscard]] int code(std::size_t index) const { return messages.at(index).at("error").at("code"); }
    [[nodiscard]] Json id(std::size_t index) const { return messages.at(index).at("id"); }

    std::vector<Json> messages;

private:
    QProcess m_process;
    FrameReader m_reader;
};

}  // namespace

class ServerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void what_was_asked_before_the_input_ends_is_answered();
    void shutdown_is_answered_and_ends_the_process();
    void garbage_is_answered_with_a_parse_error_and_ends_the_process();
    void an_input_that_ends_inside_a_message_is_a_failure();
    void a_frame_that_is_not_json_is_answered_and_the_next_one_served();
    void a_waiting_request_is_cancelled_at_once();
    void an_id_in_use_is_refused();
    void cancel_with_nonsense_is_ignored();
    void progress_comes_only_when_asked_for();
    void a_flood_of_requests_is_refused_rather_than_kept();
    void the_process_ends_when_its_listener_has_left();
};

void ServerTest::what_was_asked_before_the_input_ends_is_answered() {
    Conversation talk;
    talk.ask(1, "echo", {{"a", 1}});
    talk.ask("two", "echo");
    talk.end();
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.exit_code(), 0);
    QCOMPARE(talk.messages.size(), std::size_t{2});
    QVERIFY(talk.messages[0] == make_response(1, {{"a", 1}}));
    QVERIFY(talk.id(1) == "two");
}

void ServerTest::shutdown_is_answered_and_ends_the_process() {
    Conversation talk;
    talk.ask(1, "shutdown");
    talk.ask(2, "echo");
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.exit_code(), 0);
    QCOMPARE(talk.messages.size(), std::size_t{1});
    QVERIFY(talk.messages[0] == make_response(1, nullptr));
}

void ServerTest::garbage_is_answered_with_a_parse_error_and_ends_the_process() {
    Conversation talk;
    talk.ask(1, "echo");
    talk.say("GET / HTTP/1.1\n\n");
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.exit_code(), 1);
    QCOMPARE(talk.messages.size(), std::size_t{2});
    const std::size_t refusal = talk.id(0).is_null() ? 0 : 1;
    QVERIFY(talk.id(refusal).is_null());
    QCOMPARE(talk.code(refusal), static_cast<int>(parse_error));
    QVERIFY(talk.id(1 - refusal) == 1);
}

void ServerTest::an_input_that_ends_inside_a_message_is_a_failure() {
    Conversation talk;
    talk.say("Content-Length: 100\r\n\r\n{");
    talk.end();
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.exit_code(), 1);
}

void ServerTest::a_frame_that_is_not_json_is_answered_and_the_next_one_served() {
    Conversation talk;
    talk.say("Content-Length: 5\r\n\r\n{\"a\":");
    talk.say("Content-Length: 4\r\n\r\n[[]]");
    talk.ask(3, "echo");
    EVENTUALLY(talk.messages.size() == 3);
    QCOMPARE(talk.code(0), static_cast<int>(parse_error));
    QCOMPARE(talk.code(1), static_cast<int>(invalid_request));
    QVERIFY(talk.id(2) == 3);
    talk.end();
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.exit_code(), 0);
}

void ServerTest::a_waiting_request_is_cancelled_at_once() {
    Conversation talk;
    talk.ask(1, "wait_for_cancel");
    talk.ask(2, "crash");
    talk.ask(3, "echo");
    talk.cancel(2);
    EVENTUALLY(talk.messages.size() == 1);
    QVERIFY(talk.id(0) == 2);
    QCOMPARE(talk.code(0), static_cast<int>(request_cancelled));
    talk.cancel(1);
    EVENTUALLY(talk.messages.size() == 3);
    QVERIFY(talk.id(1) == 1);
    QCOMPARE(talk.code(1), static_cast<int>(request_cancelled));
    QVERIFY(talk.id(2) == 3);
    talk.end();
    EVENTUALLY(talk.ended());
}

void ServerTest::an_id_in_use_is_refused() {
    Conversation talk;
    talk.ask(1, "wait_for_cancel");
    talk.ask(1, "echo");
    EVENTUALLY(talk.messages.size() == 1);
    QCOMPARE(talk.code(0), static_cast<int>(invalid_request));
    talk.cancel(1);
    EVENTUALLY(talk.messages.size() == 2);
    talk.ask(1, "echo", {{"again", true}});
    EVENTUALLY(talk.messages.size() == 3);
    QVERIFY(talk.messages[2].contains("result"));
    talk.end();
    EVENTUALLY(talk.ended());
}

void ServerTest::cancel_with_nonsense_is_ignored() {
    Conversation talk;
    talk.say(frame(make_notification("$/cancelRequest", Json::object())));
    talk.cancel({{"not", "an id"}});
    talk.cancel(99);
    talk.say(frame(make_notification("$/somethingElse", Json::object())));
    talk.say(frame(make_response(5, "unasked")));
    talk.ask(1, "echo");
    EVENTUALLY(!talk.messages.empty());
    QVERIFY(talk.id(0) == 1);
    talk.end();
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.messages.size(), std::size_t{1});
}

void ServerTest::progress_comes_only_when_asked_for() {
    Conversation talk;
    talk.ask(1, "count", {{"upto", 2}});
    talk.ask(2, "count", {{"upto", 2}, {"progressToken", "mine"}});
    talk.end();
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.messages.size(), std::size_t{4});
    QVERIFY(talk.messages[1] == make_notification("$/progress", {{"token", "mine"}, {"value", 0}}));
    QVERIFY(talk.messages[2] == make_notification("$/progress", {{"token", "mine"}, {"value", 1}}));
}

void ServerTest::a_flood_of_requests_is_refused_rather_than_kept() {
    Conversation talk;
    talk.ask(0, "wait_for_cancel");
    for (int id = 1; id <= 1'500; ++id) talk.ask(id, "echo");
    EVENTUALLY(talk.messages.size() >= 499);
    QVERIFY(talk.messages.front().at("error").at("message").get<std::string>().find("Too many") != std::string::npos);
    talk.cancel(0);
    EVENTUALLY(talk.messages.size() == 1'501);
    talk.end();
    EVENTUALLY(talk.ended());
    QCOMPARE(talk.exit_code(), 0);
}

void ServerTest::the_process_ends_when_its_listener_has_left() {
    for (const char* method : {"wait_for_cancel", "ignore_cancel"}) {
        QProcess server;
        QProcess listener;  // leaves after the first byte of progress
        server.setStandardOutputProcess(&listener);
        server.start(QStringLiteral(LOSSMITH_TEST_ENGINE), {QStringLiteral("serve")});
        listener.start(QStringLiteral("head"), {QStringLiteral("-c"), QStringLiteral("1")});
        const std::string request = frame(make_request(1, method, {{"progressToken", 1}}));
        server.write(request.data(), static_cast<qint64>(request.size()));
        EVENTUALLY(listener.state() == QProcess::NotRunning && server.state() == QProcess::NotRunning);
        QCOMPARE(server.exitStatus(), QProcess::NormalExit);
        QCOMPARE(server.exitCode(), 1);
    }
}

QTEST_GUILESS_MAIN(ServerTest)
#include "test_server.moc"
