#include "tests/unit/protocol/FramingTest.h"

#include <QTest>
#include <random>

#include "core/protocol/Framing.h"

using namespace lossmith;
using namespace lossmith::protocol;

namespace {

struct Outcome {
    std::vector<std::string> messages;
    Status status;
    bool between = true;
};

Outcome read_in_pieces(const std::vector<std::string_view>& pieces) {
    FrameReader reader;
    Outcome outcome;
    for (const auto piece : pieces) {
        outcome.status = reader.feed(piece, [&outcome](std::string text) { outcome.messages.push_back(std::move(text)); });
        if (!outcome.status) break;
    }
    outcome.between = reader.between_messages();
    return outcome;
}

const std::string two_messages =
    "Content-Length: 7\r\n\r\n{\"a\":1}Content-Type: application/json\r\nContent-Length: 6\r\n\r\n\"\xc3\xa9\r\n\"";
const std::vector<std::string> two_bodies = {"{\"a\":1}", "\"\xc3\xa9\r\n\""};

}  // namespace

void FramingTest::a_message_is_found_wherever_the_stream_is_cut() {
    const std::string_view stream = two_messages;
    for (std::size_t first = 0; first <= stream.size(); ++first)
        for (std::size_t second = first; second <= stream.size(); ++second) {
            const Outcome outcome = read_in_pieces({stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)});
            QVERIFY2(outcome.status.has_value() && outcome.messages == two_bodies && outcome.between,
                     qPrintable(QStringLiteral("cut at %1 and %2").arg(first).arg(second)));
        }
}

void FramingTest::bytes_that_come_one_by_one_give_the_same_messages() {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < two_messages.size(); ++i) pieces.push_back(std::string_view(two_messages).substr(i, 1));
    QVERIFY(read_in_pieces(pieces).messages == two_bodies);
}

void FramingTest::an_empty_body_is_a_message() {
    const Outcome outcome = read_in_pieces({"Content-Length: 0\r\n\r\n"});
    QVERIFY(outcome.status.has_value());
    QVERIFY(outcome.messages == std::vector<std::string>{""});
}

void FramingTest::field_names_are_read_in_any_case_and_unknown_fields_are_skipped() {
    const Outcome outcome = read_in_pieces({"X-Other: 1\r\ncontent-LENGTH:2\r\n\r\n{}"});
    QVERIFY(outcome.messages == std::vector<std::string>{"{}"});
}

void FramingTest::a_stream_that_ends_inside_a_message_is_noticed() {
    QVERIFY(!read_in_pieces({"Content-Le"}).between);
    QVERIFY(!read_in_pieces({"Content-Length: 3\r\n"}).between);
    QVERIFY(!read_in_pieces({"Content-Length: 3\r\n\r\n"}).between);
    QVERIFY(!read_in_pieces({"Content-Length: 3\r\n\r\n12"}).between);
    QVERIFY(read_in_pieces({"Content-Length: 3\r\n\r\n123"}).between);
}

void FramingTest::a_bad_header_is_refused_data() {
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<QString>("reason");
    const QString number = QStringLiteral("not a number");
    const QString large = QStringLiteral("larger than");
    QTest::newRow("plain text") << QByteArray("hello\n") << QStringLiteral("CR LF");
    QTest::newRow("no colon") << QByteArray("hello\r\n") << QStringLiteral("header");
    QTest::newRow("no length") << QByteArray("X: 1\r\n\r\n") << QStringLiteral("no Content-Length");
    QTest::newRow("nothing at all") << QByteArray("\r\n") << QStringLiteral("no Content-Length");
    QTest::newRow("empty length") << QByteArray("Content-Length: \r\n\r\n") << number;
    QTest::newRow("negative") << QByteArray("Content-Length: -1\r\n\r\n") << number;
    QTest::newRow("plus sign") << QByteArray("Content-Length: +1\r\n\r\n") << number;
    QTest::newRow("hexadecimal") << QByteArray("Content-Length: 0x10\r\n\r\n") << number;
    QTest::newRow("followed by more") << QByteArray("Content-Length: 1 2\r\n\r\n") << number;
    QTest::newRow("a NUL byte") << QByteArray("Content-Length: 1\0\r\n\r\n", 22) << number;
    QTest::newRow("one above the limit") << QByteArray("Content-Length: 67108865\r\n\r\n") << large;
    QTest::newRow("two to the 64") << QByteArray("Content-Length: 18446744073709551616\r\n\r\n") << large;
    QTest::newRow("a thousand digits") << "Content-Length: " + QByteArray(1000, '9') + "\r\n\r\n" << large;
    QTest::newRow("given twice") << QByteArray("Content-Length: 1\r\nContent-Length: 2\r\n\r\n") << QStringLiteral("twice");
    QTest::newRow("bare line feeds") << QByteArray("Content-Length: 1\n\n1") << QStringLiteral("CR LF");
}

void FramingTest::a_bad_header_is_refused() {
    QFETCH(QByteArray, stream);
    QFETCH(QString, reason);
    const Outcome outcome = read_in_pieces({{stream.constData(), static_cast<std::size_t>(stream.size())}});
    QVERIFY(!outcome.status.has_value());
    QVERIFY(outcome.messages.empty());
    QVERIFY2(QString::fromStdString(outcome.status.error().message).contains(reason), outcome.status.error().message.c_str());
}

void FramingTest::after_an_error_nothing_more_is_read() {
    FrameReader reader;
    int messages = 0;
    const auto count = [&messages](const std::string&) { ++messages; };
    QVERIFY(reader.feed("Content-Length: 2\r\n\r\n{}", count).has_value());
    const Status first = reader.feed("garbage\nContent-Length: 2\r\n\r\n{}", count);
    const Status second = reader.feed("Content-Length: 2\r\n\r\n{}", count);
    QCOMPARE(messages, 1);
    QVERIFY(!first && !second && first.error() == second.error());
}

void FramingTest::a_header_without_end_is_refused_before_it_fills_the_memory() {
    FrameReader reader;
    const auto nothing = [](const std::string&) {};
    std::size_t fed = 0;
    const std::string line = "X-Padding: " + std::string(100, 'x') + "\r\n";
    while (reader.feed(line, nothing).has_value() && fed < 2 * largest_header) fed += line.size();
    QVERIFY(fed <= largest_header);

    FrameReader one_line;
    const std::string block(1U << 20U, 'x');
    QVERIFY(!one_line.feed(block, nothing).has_value());
}

void FramingTest::text_that_is_not_utf8_is_mended_when_framed() {
    const std::string framed = frame(Json{{"text", "\xff\xfe"}});
    const Outcome outcome = read_in_pieces({framed});
    QCOMPARE(outcome.messages.size(), std::size_t{1});
    QVERIFY(parse_json(outcome.messages.front()) == Json({{"text", "\xef\xbf\xbd\xef\xbf\xbd"}}));
}

void FramingTest::random_bytes_give_an_error_and_no_message() {
    std::mt19937 random(20240501);
    std::uniform_int_distribution<int> any_byte(0, 255);
    for (int round = 0; round < 200; ++round) {
        std::string bytes(2 * largest_header, '\0');
        for (char& byte : bytes) byte = static_cast<char>(any_byte(random));
        const Outcome outcome = read_in_pieces({bytes});
        QVERIFY(!outcome.status.has_value());
        QVERIFY(outcome.messages.empty());
    }
}

void FramingTest::a_valid_stream_with_a_flipped_byte_never_gives_more_bytes_than_it_has() {
    std::mt19937 random(20240502);
    std::uniform_int_distribution<int> any_byte(0, 255);
    std::uniform_int_distribution<std::size_t> any_place(0, two_messages.size() - 1);
    for (int round = 0; round < 20'000; ++round) {
        std::string stream = two_messages;
        stream[any_place(random)] = static_cast<char>(any_byte(random));
        const Outcome outcome = read_in_pieces({stream});
        std::size_t given = 0;
        for (const std::string& message : outcome.messages) given += message.size();
        QVERIFY(given < stream.size() && outcome.messages.size() <= 2);
    }
}

#include "moc_FramingTest.cpp"
