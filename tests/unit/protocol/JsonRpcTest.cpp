#include "tests/unit/protocol/JsonRpcTest.h"

#include <QTest>
#include <random>

#include "core/protocol/JsonRpc.h"

using namespace lossmith;
using namespace lossmith::protocol;

namespace {

template <typename Kind>
std::optional<Kind> parsed(const std::string& text) {
    const auto message = parse_message(text);
    if (!message || !std::holds_alternative<Kind>(*message)) return std::nullopt;
    return std::get<Kind>(*message);
}

}  // namespace

void JsonRpcTest::a_request_a_notification_and_a_response_are_told_apart() {
    const auto request = parsed<Request>(R"({"jsonrpc":"2.0","id":7,"method":"inspect","params":{"text":"a"}})");
    QVERIFY(request && request->id == 7 && request->method == "inspect" && request->params == Json({{"text", "a"}}));
    const auto named = parsed<Request>(R"({"jsonrpc":"2.0","id":"seven","method":"devices"})");
    QVERIFY(named && named->id == "seven" && named->params == Json::object());
    const auto notification = parsed<Notification>(R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":7}})");
    QVERIFY(notification && notification->params == Json({{"id", 7}}));
    const auto response = parsed<Response>(R"({"jsonrpc":"2.0","id":7,"result":null})");
    QVERIFY(response && response->result.has_value() && response->result->is_null());
    const auto failed_response = parsed<Response>(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"No."}})");
    QVERIFY(failed_response && failed_response->id.is_null() && failed_response->result.error().message == "No.");
}

void JsonRpcTest::what_is_built_is_read_back() {
    const auto request = parsed<Request>(make_request(3, "generate", {{"top_k", 5}}).dump());
    QVERIFY(request && request->id == 3 && request->params == Json({{"top_k", 5}}));
    const auto notification = parsed<Notification>(make_notification("$/progress", {{"token", 3}, {"value", 0.5}}).dump());
    QVERIFY(notification && notification->method == "$/progress");
    const auto response = parsed<Response>(make_response("x", Json::array({1, 2})).dump());
    QVERIFY(response && response->result == Json::array({1, 2}));
}

void JsonRpcTest::a_bad_message_is_refused_with_its_code_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("code");
    QTest::newRow("not JSON") << QByteArray("{") << static_cast<int>(parse_error);
    QTest::newRow("nothing") << QByteArray("") << static_cast<int>(parse_error);
    QTest::newRow("not UTF-8") << QByteArray("{\"jsonrpc\":\"\xff\"}") << static_cast<int>(parse_error);
    QTest::newRow("nested too deep") << QByteArray(100'000, '[') << static_cast<int>(parse_error);
    QTest::newRow("a batch") << QByteArray(R"([{"jsonrpc":"2.0","id":1,"method":"devices"}])") << static_cast<int>(invalid_request);
    QTest::newRow("a number") << QByteArray("1") << static_cast<int>(invalid_request);
    QTest::newRow("no version") << QByteArray(R"({"id":1,"method":"devices"})") << static_cast<int>(invalid_request);
    QTest::newRow("version 1.0") << QByteArray(R"({"jsonrpc":"1.0","id":1,"method":"devices"})") << static_cast<int>(invalid_request);
    QTest::newRow("null id") << QByteArray(R"({"jsonrpc":"2.0","id":null,"method":"devices"})") << static_cast<int>(invalid_request);
    QTest::newRow("fractional id") << QByteArray(R"({"jsonrpc":"2.0","id":1.5,"method":"devices"})") << static_cast<int>(invalid_request);
    QTest::newRow("object id") << QByteArray(R"({"jsonrpc":"2.0","id":{},"method":"devices"})") << static_cast<int>(invalid_request);
    QTest::newRow("numeric method") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":1})") << static_cast<int>(invalid_request);
    QTest::newRow("array params") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"m","params":[1]})")
                                  << static_cast<int>(invalid_params);
    QTest::newRow("text params") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"m","params":"x"})") << static_cast<int>(invalid_params);
    QTest::newRow("neither result nor error") << QByteArray(R"({"jsonrpc":"2.0","id":1})") << static_cast<int>(invalid_request);
    QTest::newRow("result and error") << QByteArray(R"({"jsonrpc":"2.0","id":1,"result":1,"error":{}})")
                                      << static_cast<int>(invalid_request);
    QTest::newRow("a result for nobody") << QByteArray(R"({"jsonrpc":"2.0","id":null,"result":1})") << static_cast<int>(invalid_request);
    QTest::newRow("an error that is text") << QByteArray(R"({"jsonrpc":"2.0","id":1,"error":"no"})") << static_cast<int>(invalid_request);
}

void JsonRpcTest::a_bad_message_is_refused_with_its_code() {
    QFETCH(QByteArray, text);
    QFETCH(int, code);
    const auto message = parse_message(text.toStdString());
    QVERIFY(!message.has_value());
    QCOMPARE(message.error().code, code);
    QVERIFY(!message.error().error.message.empty());
}

void JsonRpcTest::a_refusal_names_the_request_when_it_could_be_read() {
    const auto message = parse_message(R"({"jsonrpc":"2.0","id":9,"method":"m","params":[]})");
    QVERIFY(!message.has_value());
    QCOMPARE(message.error().id.dump(), std::string("9"));
    const Json answer = make_error(message.error().id, message.error().code, message.error().error);
    QCOMPARE(answer.at("error").at("code").get<int>(), -32602);
    QCOMPARE(answer.at("error").at("data").at("kind").get<std::string>(), std::string("bad_input"));
}

void JsonRpcTest::every_error_survives_the_way_there_and_back() {
    for (const ErrorKind kind : {ErrorKind::BadInput, ErrorKind::NotFound, ErrorKind::Io, ErrorKind::Unsupported, ErrorKind::Cancelled,
                                 ErrorKind::OutOfMemory, ErrorKind::NotFinite, ErrorKind::Internal}) {
        const Error error{kind, "A cell is not closed: \xe2\x80\x9c.", "Close it.", {"a.csv", 3, std::nullopt, 12}};
        const auto response = parsed<Response>(make_error(1, error).dump());
        QVERIFY(response && !response->result && response->result.error() == error);
    }
    const Error bare = Error::internal("x");
    QVERIFY(error_from_json(error_to_json(failed, bare)) == bare);
}

void JsonRpcTest::a_cancelled_request_has_the_protocols_own_code() {
    QCOMPARE(make_error(1, Error::cancelled()).at("error").at("code").get<int>(), -32800);
    QCOMPARE(make_error(1, Error::io("Full.")).at("error").at("code").get<int>(), -32000);
}

void JsonRpcTest::an_error_without_data_is_told_from_its_code() {
    QVERIFY(error_from_json({{"code", -32800}, {"message", "Stop."}}).kind == ErrorKind::Cancelled);
    QVERIFY(error_from_json({{"code", -32601}, {"message", "What?"}}).kind == ErrorKind::Unsupported);
    QVERIFY(error_from_json({{"code", -32000}, {"message", "No."}}) == Error::internal("No."));
}

void JsonRpcTest::an_error_of_wrong_types_still_gives_an_error() {
    for (const Json& wrong :
         {Json(nullptr), Json("no"), Json::object(), Json{{"code", "x"}, {"message", 5}, {"data", "y"}},
          Json{{"data",
                {{"kind", 3}, {"hint", Json::array()}, {"where", {{"file", 1}, {"row", "one"}, {"line", 1.5}, {"column", nullptr}}}}}}}) {
        const Error error = error_from_json(wrong);
        QVERIFY(error.kind == ErrorKind::Internal && !error.message.empty() && error.where == ErrorPlace{});
    }
}

void JsonRpcTest::random_changes_to_a_message_never_crash_the_reader() {
    const std::string message = make_error(1, Error::bad_input("x").in_file("f").at_row(1)).dump() + " ";
    std::mt19937 random(7);
    std::uniform_int_distribution<int> any_byte(0, 255);
    std::uniform_int_distribution<std::size_t> any_place(0, message.size() - 1);
    int understood = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = message;
        for (int change = 0; change < 1 + round % 3; ++change) text[any_place(random)] = static_cast<char>(any_byte(random));
        const auto outcome = parse_message(text);
        if (outcome)
            ++understood;
        else
            QVERIFY(!outcome.error().error.message.empty());
    }
    QVERIFY(understood > 0 && understood < 20'000);
}

#include "moc_JsonRpcTest.cpp"
