// The client against an engine that hangs, crashes and babbles.
#include <QPointer>
#include <QSignalSpy>
#include <QTest>
#include <csignal>

#include "core/protocol/EngineClient.h"
#include "tests/process/serve/Asking.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

const QString engine = QStringLiteral(LOSSMITH_TEST_ENGINE);

#define EVENTUALLY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, 20'000)

bool is_alive(pid_t process) {
    return ::kill(process, 0) == 0;
}

/// Set for the processes started while it lives.
class EnvironmentVariable {
public:
    EnvironmentVariable(const char* name, const char* value) : m_name(name) { qputenv(name, value); }
    ~EnvironmentVariable() { qunsetenv(m_name); }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

private:
    const char* m_name;
};

}  // namespace

class EngineClientTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_request_is_answered_once_and_never_from_within_the_call();
    void answers_come_in_the_order_of_the_requests();
    void progress_comes_in_order_and_before_the_answer();
    void an_error_arrives_with_its_kind_hint_and_place();
    void what_a_method_throws_is_an_error_and_the_engine_goes_on();
    void an_unknown_method_is_an_error();
    void what_a_method_prints_or_reads_does_not_touch_the_protocol();
    void an_answer_that_is_too_large_is_an_error();
    void a_cancelled_request_is_answered_cancelled_and_the_engine_goes_on();
    void a_result_that_comes_after_a_cancel_counts_as_cancelled();
    void a_request_cancelled_while_it_waits_never_reaches_the_engine();
    void cancelling_what_was_answered_does_nothing();
    void an_engine_that_ignores_a_cancel_is_started_again();
    void a_crash_costs_only_the_request_under_way();
    void an_engine_killed_while_idle_is_started_again();
    void an_engine_killed_under_a_request_answers_it_with_an_error();
    void an_engine_that_keeps_crashing_is_given_up();
    void an_engine_that_dies_at_start_is_given_up_and_says_why();
    void an_engine_that_babbles_is_started_again();
    void a_program_that_is_missing_is_an_error();
    void an_engine_of_another_version_is_refused();
    void a_request_ends_unanswered_when_its_context_is_gone();
    void a_client_may_be_deleted_from_within_an_answer();
    void deleting_the_client_ends_an_engine_that_ignores_everything();
    void two_clients_have_an_engine_each();
};

void EngineClientTest::a_request_is_answered_once_and_never_from_within_the_call() {
    EngineClient client(engine);
    QSignalSpy states(&client, &EngineClient::state_changed);
    QCOMPARE(client.state(), EngineClient::State::Stopped);
    const auto first = ask(client, QStringLiteral("echo"), {{"text", "\xc3\xa9"}});
    QVERIFY(!first->result);
    EVENTUALLY(first->succeeded());
    QVERIFY((*first->result)->at("text") == "\xc3\xa9");
    QCOMPARE(client.state(), EngineClient::State::Ready);
    QCOMPARE(states.count(), 2);
    const auto second = ask(client, QStringLiteral("echo"));
    EVENTUALLY(second->succeeded());
    QCOMPARE(first->answers + second->answers, 2);
}

void EngineClientTest::answers_come_in_the_order_of_the_requests() {
    EngineClient client(engine);
    std::vector<int> order;
    for (int i = 0; i < 100; ++i)
        client.request(QStringLiteral("echo"), {{"i", i}}, this,
                       [&order](const Result<Json>& result) { order.push_back(result->at("i")); });
    EVENTUALLY(order.size() == 100);
    QVERIFY(std::is_sorted(order.begin(), order.end()));
}

void EngineClientTest::progress_comes_in_order_and_before_the_answer() {
    EngineClient client(engine);
    std::vector<Json> events;
    client.request(
        QStringLiteral("count"), {{"upto", 500}}, this, [&events](const Result<Json>& result) { events.push_back(*result); },
        [&events](const Json& value) { events.push_back(value); });
    EVENTUALLY(events.size() == 501);
    for (int i = 0; i <= 500; ++i) QVERIFY(events[static_cast<std::size_t>(i)] == i);
}

void EngineClientTest::an_error_arrives_with_its_kind_hint_and_place() {
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("fail"));
    EVENTUALLY(reply->result.has_value());
    QVERIFY(reply->result->error() == Error::bad_input("A cell is not closed.").with_hint("Close it.").in_file("a.csv").at_row(3));
}

void EngineClientTest::what_a_method_throws_is_an_error_and_the_engine_goes_on() {
    EngineClient client(engine);
    QSignalSpy notices(&client, &EngineClient::notice);
    const auto thrown = ask(client, QStringLiteral("throw"));
    const auto number = ask(client, QStringLiteral("throw_number"));
    const auto memory = ask(client, QStringLiteral("exhaust_memory"));
    const auto after = ask(client, QStringLiteral("echo"));
    EVENTUALLY(after->succeeded());
    QVERIFY(thrown->failed_with(ErrorKind::Internal));
    QCOMPARE(thrown->result->error().message, std::string("The engine failed: shapes differ"));
    QVERIFY(number->failed_with(ErrorKind::Internal));
    QVERIFY(memory->failed_with(ErrorKind::OutOfMemory));
    QCOMPARE(notices.count(), 0);
}

void EngineClientTest::an_unknown_method_is_an_error() {
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("make_tea"));
    EVENTUALLY(reply->failed_with(ErrorKind::Unsupported));
    QVERIFY(reply->result->error().message.find("make_tea") != std::string::npos);
}

void EngineClientTest::what_a_method_prints_or_reads_does_not_touch_the_protocol() {
    EngineClient client(engine);
    const auto printed = ask(client, QStringLiteral("print"));
    const auto read = ask(client, QStringLiteral("read_input"));
    const auto after = ask(client, QStringLiteral("echo"), {{"still", "here"}});
    EVENTUALLY(after->succeeded());
    QVERIFY(printed->succeeded() && **printed->result == 8);
    QVERIFY(read->succeeded() && **read->result == EOF);
}

void EngineClientTest::an_answer_that_is_too_large_is_an_error() {
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("huge"));
    EVENTUALLY(reply->failed_with(ErrorKind::Unsupported));
    QVERIFY(reply->result->error().message.find("64 MiB") != std::string::npos);
}

void EngineClientTest::a_cancelled_request_is_answered_cancelled_and_the_engine_goes_on() {
    EngineClient client(engine);
    const auto before = ask(client, QStringLiteral("process"));
    const auto reply = ask(client, QStringLiteral("wait_for_cancel"));
    const auto after = ask(client, QStringLiteral("process"));
    EVENTUALLY(!reply->progress.empty());
    client.cancel(reply->id);
    EVENTUALLY(after->succeeded());
    QVERIFY(reply->failed_with(ErrorKind::Cancelled));
    QVERIFY(**before->result == **after->result);
}

void EngineClientTest::a_result_that_comes_after_a_cancel_counts_as_cancelled() {
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("finish_although_cancelled"));
    EVENTUALLY(!reply->progress.empty());
    client.cancel(reply->id);
    EVENTUALLY(reply->failed_with(ErrorKind::Cancelled));
    QCOMPARE(reply->answers, 1);
}

void EngineClientTest::a_request_cancelled_while_it_waits_never_reaches_the_engine() {
    EngineClient client(engine);
    const auto running = ask(client, QStringLiteral("wait_for_cancel"));
    const auto waiting = ask(client, QStringLiteral("crash"));
    client.cancel(waiting->id);
    EVENTUALLY(waiting->failed_with(ErrorKind::Cancelled));
    EVENTUALLY(!running->progress.empty());
    QVERIFY(!running->result);
    client.cancel(running->id);
    EVENTUALLY(running->failed_with(ErrorKind::Cancelled));
    QCOMPARE(client.state(), EngineClient::State::Ready);
}

void EngineClientTest::cancelling_what_was_answered_does_nothing() {
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("echo"));
    EVENTUALLY(reply->succeeded());
    client.cancel(reply->id);
    client.cancel(12'345);
    const auto after = ask(client, QStringLiteral("echo"));
    EVENTUALLY(after->succeeded());
    QCOMPARE(reply->answers, 1);
}

void EngineClientTest::an_engine_that_ignores_a_cancel_is_started_again() {
    EngineClient client(engine);
    QSignalSpy notices(&client, &EngineClient::notice);
    const auto before = ask(client, QStringLiteral("process"));
    const auto stubborn = ask(client, QStringLiteral("ignore_cancel"));
    const auto after = ask(client, QStringLiteral("process"));
    EVENTUALLY(!stubborn->progress.empty());
    client.cancel(stubborn->id);
    EVENTUALLY(stubborn->failed_with(ErrorKind::Cancelled));
    EVENTUALLY(after->succeeded());
    QVERIFY(**before->result != **after->result);
    QVERIFY(!is_alive((*before->result)->get<pid_t>()));
    QCOMPARE(notices.count(), 1);
    QVERIFY(notices.front().front().toString().contains(QStringLiteral("did not stop when asked")));
}

void EngineClientTest::a_crash_costs_only_the_request_under_way() {
    EngineClient client(engine);
    QSignalSpy notices(&client, &EngineClient::notice);
    const auto crashing = ask(client, QStringLiteral("crash"));
    const auto waiting = ask(client, QStringLiteral("echo"), {{"kept", true}});
    EVENTUALLY(waiting->succeeded());
    QVERIFY(crashing->failed_with(ErrorKind::Internal));
    QVERIFY(crashing->result->error().message.find("signal 11") != std::string::npos);
    QVERIFY(crashing->result->error().hint.find("about to fall over") != std::string::npos);
    QCOMPARE(notices.count(), 1);
    QVERIFY(notices.front().front().toString().contains(QStringLiteral("started again")));
}

void EngineClientTest::an_engine_killed_while_idle_is_started_again() {
    EngineClient client(engine);
    const auto before = ask(client, QStringLiteral("process"));
    EVENTUALLY(before->succeeded());
    QSignalSpy states(&client, &EngineClient::state_changed);
    QCOMPARE(::kill((*before->result)->get<pid_t>(), SIGKILL), 0);
    EVENTUALLY(states.count() == 2);
    QCOMPARE(states[0][0].value<EngineClient::State>(), EngineClient::State::Restarting);
    QCOMPARE(states[1][0].value<EngineClient::State>(), EngineClient::State::Ready);
    const auto after = ask(client, QStringLiteral("process"));
    EVENTUALLY(after->succeeded());
    QVERIFY(**before->result != **after->result);
}

void EngineClientTest::an_engine_killed_under_a_request_answers_it_with_an_error() {
    EngineClient client(engine);
    const auto process = ask(client, QStringLiteral("process"));
    const auto reply = ask(client, QStringLiteral("wait_for_cancel"));
    EVENTUALLY(!reply->progress.empty());
    QCOMPARE(::kill((*process->result)->get<pid_t>(), SIGKILL), 0);
    EVENTUALLY(reply->failed_with(ErrorKind::Internal));
    QVERIFY(reply->result->error().hint.find("memory") != std::string::npos);
    const auto after = ask(client, QStringLiteral("echo"));
    EVENTUALLY(after->succeeded());
}

void EngineClientTest::an_engine_that_keeps_crashing_is_given_up() {
    EngineClient client(engine);
    QSignalSpy notices(&client, &EngineClient::notice);
    std::vector<std::shared_ptr<Reply>> crashing;
    for (int i = 0; i < 4; ++i) crashing.push_back(ask(client, QStringLiteral("crash")));
    const auto waiting = ask(client, QStringLiteral("echo"));
    EVENTUALLY(waiting->failed_with(ErrorKind::Internal));
    for (const auto& reply : crashing) QVERIFY(reply->failed_with(ErrorKind::Internal));
    QCOMPARE(client.state(), EngineClient::State::Stopped);
    QCOMPARE(notices.count(), 4);
    QVERIFY(notices.back().front().toString().contains(QStringLiteral("keeps stopping")));
    const auto later = ask(client, QStringLiteral("echo"));
    QVERIFY(!later->result);
    EVENTUALLY(later->failed_with(ErrorKind::Internal));
    QVERIFY(later->result->error().message.find("too often") != std::string::npos);
}

void EngineClientTest::an_engine_that_dies_at_start_is_given_up_and_says_why() {
    const EnvironmentVariable dies("LOSSMITH_TEST_DIES_AT_START", "1");
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("echo"));
    EVENTUALLY(reply->failed_with(ErrorKind::Internal));
    QVERIFY(reply->result->error().hint.find("no such processor") != std::string::npos);
    QCOMPARE(client.state(), EngineClient::State::Stopped);
}

void EngineClientTest::an_engine_that_babbles_is_started_again() {
    EngineClient client(engine);
    const auto before = ask(client, QStringLiteral("process"));
    const auto babbling = ask(client, QStringLiteral("babble"));
    const auto after = ask(client, QStringLiteral("process"));
    EVENTUALLY(after->succeeded());
    QVERIFY(babbling->failed_with(ErrorKind::Internal));
    QVERIFY(babbling->result->error().message.find("can not be understood") != std::string::npos);
    QVERIFY(**before->result != **after->result);
}

void EngineClientTest::a_program_that_is_missing_is_an_error() {
    EngineClient client(QStringLiteral("/nowhere/lossmith-cli"));
    QSignalSpy notices(&client, &EngineClient::notice);
    const auto reply = ask(client, QStringLiteral("echo"));
    const auto cancelled = ask(client, QStringLiteral("echo"));
    client.cancel(cancelled->id);
    EVENTUALLY(reply->failed_with(ErrorKind::NotFound));
    EVENTUALLY(cancelled->failed_with(ErrorKind::Cancelled));
    QCOMPARE(reply->result->error().where.file, std::string("/nowhere/lossmith-cli"));
    QCOMPARE(client.state(), EngineClient::State::Stopped);
    QCOMPARE(notices.count(), 1);
}

void EngineClientTest::an_engine_of_another_version_is_refused() {
    const EnvironmentVariable version("LOSSMITH_TEST_PROTOCOL", "2");
    EngineClient client(engine);
    const auto reply = ask(client, QStringLiteral("echo"));
    EVENTUALLY(reply->failed_with(ErrorKind::Unsupported));
    QCOMPARE(client.state(), EngineClient::State::Stopped);
}

void EngineClientTest::a_request_ends_unanswered_when_its_context_is_gone() {
    EngineClient client(engine);
    auto page = std::make_unique<QObject>();
    const auto running = ask(client, QStringLiteral("wait_for_cancel"), Json::object(), page.get());
    const auto waiting = ask(client, QStringLiteral("crash"), Json::object(), page.get());
    EVENTUALLY(!running->progress.empty());
    page.reset();
    const auto after = ask(client, QStringLiteral("echo"));
    EVENTUALLY(after->succeeded());
    QVERIFY(!running->result && !waiting->result);
    QCOMPARE(client.state(), EngineClient::State::Ready);
}

void EngineClientTest::a_client_may_be_deleted_from_within_an_answer() {
    auto* client = new EngineClient(engine);
    const QPointer<EngineClient> watched(client);
    const auto later = std::make_shared<Reply>();
    client->request(QStringLiteral("echo"), Json::object(), nullptr, [client](const Result<Json>&) { delete client; });
    client->request(QStringLiteral("echo"), Json::object(), nullptr, [later](Result<Json> result) { later->result = std::move(result); });
    EVENTUALLY(watched.isNull());
    QVERIFY(!later->result);
}

void EngineClientTest::deleting_the_client_ends_an_engine_that_ignores_everything() {
    auto client = std::make_unique<EngineClient>(engine);
    const auto process = ask(*client, QStringLiteral("process"));
    const auto stubborn = ask(*client, QStringLiteral("ignore_cancel"));
    EVENTUALLY(!stubborn->progress.empty());
    client.reset();
    QVERIFY(!is_alive((*process->result)->get<pid_t>()));
    QVERIFY(!stubborn->result);
}

void EngineClientTest::two_clients_have_an_engine_each() {
    EngineClient one(engine);
    EngineClient two(engine);
    const auto crashing = ask(one, QStringLiteral("crash"));
    const auto counted = ask(two, QStringLiteral("count"), {{"upto", 50}});
    const auto first = ask(one, QStringLiteral("process"));
    const auto second = ask(two, QStringLiteral("process"));
    EVENTUALLY(first->succeeded() && second->succeeded());
    QVERIFY(crashing->failed_with(ErrorKind::Internal));
    QVERIFY(counted->succeeded() && counted->progress.size() == 50);
    QVERIFY(**first->result != **second->result);
}

QTEST_GUILESS_MAIN(EngineClientTest)
#include "test_engine_client.moc"
