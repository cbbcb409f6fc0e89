// The engine itself, lossmith-cli serve, as the window drives it.
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>
#include <csignal>

#include "core/protocol/EngineClient.h"
#include "core/protocol/Framing.h"
#include "core/protocol/JsonRpc.h"
#include "tests/process/serve/Asking.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

const QString program = QStringLiteral(LOSSMITH_BIN "/lossmith-cli");

// Loading LibTorch on a busy machine takes a while.
#define EVENTUALLY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, 60'000)

/// Runs lossmith-cli serve with this input and gives what it said.
std::vector<Json> answers_to(const std::string& input, int& exit_code, QByteArray& errors) {
    QProcess process;
    process.start(program, {QStringLiteral("serve")});
    process.write(input.data(), static_cast<qint64>(input.size()));
    process.closeWriteChannel();
    if (!process.waitForFinished(60'000)) return {};
    exit_code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    errors = process.readAllStandardError();
    const QByteArray output = process.readAllStandardOutput();
    std::vector<Json> messages;
    protocol::FrameReader reader;
    const Status status = reader.feed({output.constData(), static_cast<std::size_t>(output.size())},
                                      [&messages](const std::string& text) { messages.push_back(Json::parse(text)); });
    if (!status) messages.emplace_back(status.error().message);
    return messages;
}

}  // namespace

class ServeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initialize_tells_the_versions_and_threads();
    void another_protocol_version_is_refused();
    void devices_lists_the_processor();
    void an_unknown_method_is_an_error_and_the_engine_goes_on();
    void a_killed_engine_is_started_again_and_answers();
    void two_windows_have_an_engine_each();
    void garbage_on_the_input_ends_it_with_an_error();
};

void ServeTest::initialize_tells_the_versions_and_threads() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("initialize"), {{"protocol", 1}, {"client", "test"}});
    EVENTUALLY(reply->succeeded());
    const Json& answer = **reply->result;
    QCOMPARE(answer.at("protocol").get<int>(), 1);
    QVERIFY(!answer.at("version").get<std::string>().empty());
    QVERIFY(answer.at("torch").get<std::string>().find('.') != std::string::npos);
    QVERIFY(answer.at("threads").get<int>() >= 1);
}

void ServeTest::another_protocol_version_is_refused() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("initialize"), {{"protocol", 2}});
    EVENTUALLY(reply->failed_with(ErrorKind::Unsupported));
}

void ServeTest::devices_lists_the_processor() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("devices"));
    EVENTUALLY(reply->succeeded());
    const Json& first = (**reply->result).at(0);
    QCOMPARE(first.at("id").get<std::string>(), std::string("cpu"));
    QVERIFY(first.at("memory_bytes").get<std::int64_t>() >= first.at("free_bytes").get<std::int64_t>());
}

void ServeTest::an_unknown_method_is_an_error_and_the_engine_goes_on() {
    EngineClient client(program);
    const auto unknown = ask(client, QStringLiteral("make_tea"));
    const auto after = ask(client, QStringLiteral("devices"));
    EVENTUALLY(after->succeeded());
    QVERIFY(unknown->failed_with(ErrorKind::Unsupported));
}

void ServeTest::a_killed_engine_is_started_again_and_answers() {
    EngineClient client(program);
    QSignalSpy notices(&client, &EngineClient::notice);
    const auto before = ask(client, QStringLiteral("devices"));
    EVENTUALLY(before->succeeded());
    QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(QCoreApplication::applicationPid()));
    QVERIFY(children.open(QIODevice::ReadOnly));
    const int process = children.readAll().trimmed().toInt();
    QVERIFY(process > 0);
    const auto under_way = ask(client, QStringLiteral("devices"));
    QCOMPARE(::kill(process, SIGKILL), 0);
    EVENTUALLY(under_way->failed_with(ErrorKind::Internal));
    QVERIFY(under_way->result->error().message.find("signal 9") != std::string::npos);
    const auto after = ask(client, QStringLiteral("devices"));
    EVENTUALLY(after->succeeded());
    QCOMPARE(notices.count(), 1);
}

void ServeTest::two_windows_have_an_engine_each() {
    EngineClient one(program);
    EngineClient two(program);
    const auto first = ask(one, QStringLiteral("devices"));
    const auto second = ask(two, QStringLiteral("devices"));
    EVENTUALLY(first->succeeded() && second->succeeded());
}

void ServeTest::garbage_on_the_input_ends_it_with_an_error() {
    int code = 0;
    QByteArray errors;
    const auto messages = answers_to("rm -rf everything\n", code, errors);
    QCOMPARE(messages.size(), std::size_t{1});
    QCOMPARE(messages[0].at("error").at("code").get<int>(), -32700);
    QCOMPARE(code, 2);
    QVERIFY(errors.contains("lossmith-cli: error: "));
}

QTEST_GUILESS_MAIN(ServeTest)
#include "test_serve.moc"
