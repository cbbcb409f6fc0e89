#include "tests/unit/tokenizer/AnyBytesTest.h"

#include <QtTest/QtTest>
#include <algorithm>
#include <random>
#include <thread>

#include "core/base/Files.h"
#include "core/tokenizer/BytePairModel.h"
#include "core/tokenizer/VocabularyFiles.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

std::string random_text(std::size_t size, std::string_view letters, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string text(size, '\0');
    for (char& c : text) c = letters.empty() ? static_cast<char>(random() & 0xFFU) : letters[random() % letters.size()];
    return text;
}

/// The textbook form: look through all pairs for the earliest rule, merge the leftmost, begin again.
std::vector<TokenId> merged_by_the_book(const Vocabulary& vocabulary, std::string_view piece) {
    std::vector<TokenId> ids;
    for (const char& c : piece) ids.push_back(vocabulary.tokens.find({&c, 1}).value());
    const MergeTable rules(vocabulary.merges);
    while (true) {
        std::uint32_t best = MergeTable::no_rule;
        std::size_t place = 0;
        for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
            const auto found = rules.find(ids[i], ids[i + 1]);
            if (found.rank < best) {
                best = found.rank;
                place = i;
            }
        }
        if (best == MergeTable::no_rule) return ids;
        ids[place] = vocabulary.merges[best].merged;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(place) + 1);
    }
}

}  // namespace

void AnyBytesTest::initTestCase() {
    m_tokenizer = gpt2_tokenizer();
    QVERIFY(m_tokenizer);
}

void AnyBytesTest::ten_megabytes_of_random_bytes_come_back() {
    const std::string bytes = random_text(10'000'000, {}, 1);
    const auto ids = m_tokenizer->encode(bytes);
    QVERIFY(m_tokenizer->decode(ids) == bytes);
    QVERIFY(m_tokenizer->decode(m_tokenizer->encode(bytes, SpecialTokens::AsTokens)) == bytes);
}

void AnyBytesTest::every_line_of_invalid_utf8_comes_back() {
    const auto bytes = read_file(case_file("invalid_utf8.txt"));
    QVERIFY(bytes);
    QCOMPARE(m_tokenizer->decode(m_tokenizer->encode(*bytes)), *bytes);
    int lines = 0;
    for (std::size_t begin = 0; begin < bytes->size(); ++lines) {
        const std::size_t end = std::min(bytes->find('\n', begin), bytes->size());
        const std::string line = bytes->substr(begin, end - begin);
        QCOMPARE(m_tokenizer->decode(m_tokenizer->encode(line)), line);
        begin = end + 1;
    }
    QCOMPARE(lines, 11);
}

void AnyBytesTest::invalid_bytes_have_offsets_byte_by_byte() {
    const std::string text = "caf\xE9 \xF0\x9F\x99\x82";
    std::size_t end = 0;
    for (const auto& piece : m_tokenizer->encode_with_offsets(text)) {
        QCOMPARE(piece.begin, end);
        QCOMPARE(std::string(m_tokenizer->bytes_of(piece.id)), text.substr(piece.begin, piece.end - piece.begin));
        end = piece.end;
    }
    QCOMPARE(end, text.size());
}

void AnyBytesTest::nothing_has_no_tokens() {
    QVERIFY(m_tokenizer->encode("").empty());
    QVERIFY(m_tokenizer->encode_with_offsets("").empty());
    QVERIFY(m_tokenizer->decode({}).empty());
}

void AnyBytesTest::ten_megabytes_of_one_letter_are_encoded_as_a_short_run_of_it_is() {
    const std::string text(10'000'000, 'a');
    const auto ids = m_tokenizer->encode(text);
    QVERIFY(m_tokenizer->decode(ids) == text);
    const auto longest = std::string(m_tokenizer->bytes_of(ids.front()));
    QVERIFY2(longest.size() >= 4, longest.c_str());
    QVERIFY(std::ranges::all_of(ids.begin(), ids.end() - 1, [&](TokenId id) { return id == ids.front(); }));
}

void AnyBytesTest::a_long_piece_merges_as_a_short_one_does() {
    const auto vocabulary = read_vocabulary(std::filesystem::path(LOSSMITH_SOURCE) / "resources/gpt2-vocabulary");
    QVERIFY(vocabulary);
    for (const std::size_t size : {1, 2, 3, 31, 32, 64, 127, 128, 129, 130, 500, 3000}) {
        for (const std::string_view letters : {"a", "ab", "the", "etaoinshrdlu", "etaoinshrdluETAOINSHRDLU"}) {
            const std::string piece = random_text(size, letters, static_cast<std::uint32_t>(size));
            QCOMPARE(as_text(m_tokenizer->encode(piece)), as_text(merged_by_the_book(*vocabulary, piece)));
        }
    }
}

void AnyBytesTest::threads_that_share_a_tokenizer_get_the_same_ids() {
    const std::string text = random_text(200'000, "etaoin shrdlu ETAOIN 0123456789 .,!'", 3);
    const auto expected = m_tokenizer->encode(text);
    std::vector<std::vector<TokenId>> results(4);
    {
        std::vector<std::jthread> threads;
        for (auto& result : results) threads.emplace_back([&result, &text, this] { result = m_tokenizer->encode(text); });
    }
    for (const auto& result : results) QVERIFY(result == expected);
}

void AnyBytesTest::a_second_encoding_gives_the_ids_of_the_first() {
    // Many more pieces than the cache holds, of every length around what an entry of it can take.
    std::mt19937 random(7);
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += " " + random_text(random() % 40, "abcdefghij", static_cast<std::uint32_t>(i));
    const auto first = gpt2_tokenizer()->encode(text);
    QVERIFY(m_tokenizer->encode(text) == first);
    QVERIFY(m_tokenizer->encode(text) == first);
    QVERIFY(m_tokenizer->decode(first) == text);
}

void AnyBytesTest::ids_outside_the_vocabulary_decode_to_nothing() {
    const std::vector<TokenId> ids = {-1, 15496, 50257, std::numeric_limits<TokenId>::max(), std::numeric_limits<TokenId>::min()};
    QCOMPARE(m_tokenizer->decode(ids), std::string("Hello"));
    QVERIFY(m_tokenizer->bytes_of(-1).empty());
    QVERIFY(m_tokenizer->bytes_of(50257).empty());
    QVERIFY(!m_tokenizer->is_special(-1));
}

#include "moc_AnyBytesTest.cpp"
