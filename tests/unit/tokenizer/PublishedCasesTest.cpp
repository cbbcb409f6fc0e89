#include "tests/unit/tokenizer/PublishedCasesTest.h"

#include <QtTest/QtTest>

#include "core/base/Files.h"
#include "core/tokenizer/PreTokenizer.h"
#include "core/tokenizer/UnicodeClasses.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

std::vector<Json> cases_in(const char* name) {
    const auto text = read_file(case_file(name));
    if (!text) return {};
    std::vector<Json> cases;
    if (std::string(name).ends_with(".json")) {
        const auto list = parse_json(*text);
        if (list) cases.assign(list->begin(), list->end());
        return cases;
    }
    for (std::size_t begin = 0; begin < text->size();) {
        const std::size_t end = text->find('\n', begin);
        if (auto json = parse_json(std::string_view(*text).substr(begin, end - begin))) cases.push_back(std::move(*json));
        begin = end == std::string::npos ? text->size() : end + 1;
    }
    return cases;
}

void compare_all(const Tokenizer& tokenizer, const std::vector<Json>& cases, std::size_t expected_count) {
    QCOMPARE(cases.size(), expected_count);
    for (const Json& example : cases) {
        const std::string text = example["text"];
        const auto ids = tokenizer.encode(text);
        const auto expected = example["ids"].get<std::vector<TokenId>>();
        if (ids != expected) qWarning() << "text:" << example["text"].dump(-1, ' ', true).c_str();
        QCOMPARE(as_text(ids), as_text(expected));
    }
}

}  // namespace

void PublishedCasesTest::initTestCase() {
    m_tokenizer = gpt2_tokenizer();
    QVERIFY(m_tokenizer);
    for (const char* name : {"openai_cases.jsonl", "reference_cases.json", "adversarial.json"}) {
        const auto cases = cases_in(name);
        m_cases.insert(m_cases.end(), cases.begin(), cases.end());
    }
    QCOMPARE(m_cases.size(), std::size_t{3000 + 67 + 22});
}

void PublishedCasesTest::three_thousand_texts_have_the_ids_of_openais_encoder() {
    compare_all(*m_tokenizer, cases_in("openai_cases.jsonl"), 3000);
}

void PublishedCasesTest::texts_published_elsewhere_have_their_ids() {
    compare_all(*m_tokenizer, cases_in("reference_cases.json"), 67);
}

void PublishedCasesTest::byte_order_marks_and_rare_spaces_have_the_ids_of_openais_encoder() {
    compare_all(*m_tokenizer, cases_in("adversarial.json"), 22);
}

void PublishedCasesTest::every_case_decodes_to_its_text() {
    for (const Json& example : m_cases) {
        const auto ids = example["ids"].get<std::vector<TokenId>>();
        QCOMPARE(QByteArray::fromStdString(m_tokenizer->decode(ids)), QByteArray::fromStdString(example["text"].get<std::string>()));
    }
}

void PublishedCasesTest::every_cases_offsets_cut_the_text_where_its_tokens_meet() {
    for (const Json& example : m_cases) {
        const std::string text = example["text"];
        std::size_t end = 0;
        for (const auto& piece : m_tokenizer->encode_with_offsets(text)) {
            QCOMPARE(piece.begin, end);
            QCOMPARE(text.substr(piece.begin, piece.end - piece.begin), std::string(m_tokenizer->bytes_of(piece.id)));
            end = piece.end;
        }
        QCOMPARE(end, text.size());
    }
}

void PublishedCasesTest::a_text_split_in_any_class_of_character_has_the_pieces_of_the_expression_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArrayList>("pieces");
    const auto row = [](const char* name, QByteArray text, QByteArrayList pieces) { QTest::newRow(name) << text << pieces; };
    row("words take the space before them", "Hello  world", {"Hello", " ", " world"});
    row("contractions", "it's I'll we've they're I'd'm 't",
        {"it", "'s", " I", "'ll", " we", "'ve", " they", "'re", " I", "'d", "'m", " '", "t"});
    row("capitals are no contractions", "IT'S", {"IT", "'", "S"});
    row("an apostrophe at the end", "a'", {"a", "'"});
    row("an apostrophe and half a contraction", "a'l", {"a", "'", "l"});
    row("numbers and signs", "x12.5%", {"x", "12", ".", "5", "%"});
    row("white space at the end stays together", "a \n\t ", {"a", " \n\t "});
    row("a line break does not join a word", "a\nb", {"a", "\n", "b"});
    row("the last of several spaces joins", "a\n b", {"a", "\n", " b"});
    row("a no-break space is white space but joins nothing",
        "a\xC2\xA0\xC2\xA0"
        "b",
        {"a", "\xC2\xA0", "\xC2\xA0", "b"});
    row("U+0085 is white space", " \xC2\x85!", {" ", "\xC2\x85", "!"});
    row("U+180E is none", " \xE1\xA0\x8E!", {" \xE1\xA0\x8E!"});
    row("a byte order mark is a sign",
        "\xEF\xBB\xBF"
        "a",
        {"\xEF\xBB\xBF", "a"});
    row("letters of any script", " \xD0\xAF\xE4\xBA\xBA\xF0\x9D\x92\x9C", {" \xD0\xAF\xE4\xBA\xBA\xF0\x9D\x92\x9C"});
    row("numbers of any script", "\xD9\xA1\xE2\x85\xA7\xC2\xBD", {"\xD9\xA1\xE2\x85\xA7\xC2\xBD"});
    row("invalid bytes are signs", "a\xFF\x80!\xE2\x82 b", {"a", "\xFF\x80!\xE2\x82", " b"});
}

void PublishedCasesTest::a_text_split_in_any_class_of_character_has_the_pieces_of_the_expression() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArrayList, pieces);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    QByteArrayList found;
    for (std::size_t begin = 0; begin < view.size();) {
        const std::size_t end = piece_end(view, begin);
        found << QByteArray(view.data() + begin, static_cast<qsizetype>(end - begin));
        begin = end;
    }
    QCOMPARE(found, pieces);
}

void PublishedCasesTest::the_tables_have_as_many_letters_numbers_and_spaces_as_unicode_16() {
    std::array<int, 4> counts{};
    for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) ++counts[static_cast<std::size_t>(class_of(code_point))];
    QCOMPARE(counts[static_cast<std::size_t>(CharacterClass::Letter)], 141028);
    QCOMPARE(counts[static_cast<std::size_t>(CharacterClass::Number)], 1911);
    QCOMPARE(counts[static_cast<std::size_t>(CharacterClass::Space)], 25);
}

#include "moc_PublishedCasesTest.cpp"
