#include "tests/unit/tokenizer/AddedTokensTest.h"

#include <QtTest/QtTest>

using namespace lossmith;
using namespace lossmith::test;

namespace {

/// 256 bytes and the added tokens of this list, which tokenizer_config.json holds.
TokenizerPointer with_config(const Json& added_tokens) {
    const Folder folder;
    folder.write_json("vocab.json", byte_vocabulary());
    folder.write("merges.txt", "#version: 0.2\n");
    folder.write_json("tokenizer_config.json", Json{{"added_tokens_decoder", added_tokens}});
    auto tokenizer = Tokenizer::from_folder(folder.path());
    if (tokenizer) return *tokenizer;
    QTest::qFail(describe(tokenizer.error()).c_str(), __FILE__, __LINE__);
    return nullptr;
}

}  // namespace

void AddedTokensTest::initTestCase() {
    m_tokenizer = gpt2_tokenizer();
    QVERIFY(m_tokenizer);
}

void AddedTokensTest::the_end_of_text_in_a_text_is_text_unless_asked_for() {
    QCOMPARE(as_text(m_tokenizer->encode("a<|endoftext|>b")), "64 27 91 437 1659 5239 91 29 65");
    QCOMPARE(as_text(m_tokenizer->encode("a<|endoftext|>b", SpecialTokens::AsTokens)), "64 50256 65");
    QCOMPARE(as_text(m_tokenizer->encode("<|endoftext|><|endoftext|>", SpecialTokens::AsTokens)), "50256 50256");
}

void AddedTokensTest::gpt2_has_one_special_token() {
    QCOMPARE(m_tokenizer->size(), 50257);
    QCOMPARE(m_tokenizer->added_tokens(), std::vector<std::string>{"<|endoftext|>"});
    QVERIFY(m_tokenizer->is_special(50256));
    QVERIFY(!m_tokenizer->is_special(50255));
    QCOMPARE(m_tokenizer->id_of("<|endoftext|>").value_or(-1), 50256);
    QCOMPARE(m_tokenizer->id_of(" fox").value_or(-1), 21831);
    QVERIFY(!m_tokenizer->id_of("no single token"));
}

void AddedTokensTest::added_tokens_are_numbered_on_from_the_size() {
    const std::vector<std::string> names = {"<|problem|>", "<|solution|>", "", "<|problem|>"};
    const auto grown = m_tokenizer->with_added_tokens(names);
    QCOMPARE(grown->size(), 50259);
    QCOMPARE(grown->id_of("<|problem|>").value_or(-1), 50257);
    QCOMPARE(grown->id_of("<|solution|>").value_or(-1), 50258);
    QCOMPARE(grown->added_tokens(), (std::vector<std::string>{"<|endoftext|>", "<|problem|>", "<|solution|>"}));
    QCOMPARE(as_text(grown->encode("<|problem|>Hello<|solution|>", SpecialTokens::AsTokens)), "50257 15496 50258");
    QCOMPARE(grown->decode(std::vector<TokenId>{50257, 15496, 50258}), std::string("<|problem|>Hello<|solution|>"));
    const auto more = grown->with_added_tokens(std::vector<std::string>{"<|more|>"});
    QCOMPARE(more->id_of("<|more|>").value_or(-1), 50259);
    QCOMPARE(more->size(), 50260);
}

void AddedTokensTest::a_known_name_keeps_its_id_and_becomes_special() {
    const auto grown = m_tokenizer->with_added_tokens(std::vector<std::string>{"<|endoftext|>", "Hello"});
    QCOMPARE(grown->size(), 50257);
    QVERIFY(grown->is_special(15496));
    QCOMPARE(as_text(grown->encode("Hello")), "15496");
    QCOMPARE(as_text(grown->encode("aHello", SpecialTokens::AsTokens)), "64 15496");
}

void AddedTokensTest::the_longest_of_two_added_tokens_is_found() {
    const auto grown = m_tokenizer->with_added_tokens(std::vector<std::string>{"<a", "<a>", "<ab>"});
    QCOMPARE(as_text(grown->encode("<a><a<ab><a", SpecialTokens::AsTokens)), "50258 50257 50259 50257");
}

void AddedTokensTest::an_added_token_is_found_among_its_own_beginnings() {
    const auto grown = m_tokenizer->with_added_tokens(std::vector<std::string>{"<<x"});
    const auto ids = grown->encode("<<<x", SpecialTokens::AsTokens);
    QCOMPARE(as_text(ids), "27 50257");
}

void AddedTokensTest::offsets_of_a_special_token_span_its_name() {
    const auto pieces = m_tokenizer->encode_with_offsets("Hi <|endoftext|>!", SpecialTokens::AsTokens);
    QCOMPARE(pieces.size(), std::size_t{4});
    QCOMPARE(pieces[2].id, 50256);
    QCOMPARE(pieces[2].begin, std::size_t{3});
    QCOMPARE(pieces[2].end, std::size_t{16});
    QCOMPARE(pieces[3].end, std::size_t{17});
}

void AddedTokensTest::special_tokens_can_be_skipped_in_decoding() {
    const std::vector<TokenId> ids = {50256, 15496, 50256};
    QCOMPARE(m_tokenizer->decode(ids), std::string("<|endoftext|>Hello<|endoftext|>"));
    QCOMPARE(m_tokenizer->decode(ids, true), std::string("Hello"));
}

void AddedTokensTest::a_copy_leaves_the_first_tokenizer_as_it_was() {
    const auto grown = m_tokenizer->with_added_tokens(std::vector<std::string>{"<|new|>"});
    QVERIFY(grown->id_of("<|new|>"));
    QVERIFY(!m_tokenizer->id_of("<|new|>"));
    QCOMPARE(m_tokenizer->size(), 50257);
    QVERIFY(m_tokenizer->encode("<|new|>", SpecialTokens::AsTokens).size() > 1);
}

void AddedTokensTest::words_added_without_being_special_are_found_in_every_text() {
    const auto tokenizer =
        with_config({{"256", {{"content", "refund"}, {"special", false}}}, {"257", {{"content", "<pad>"}, {"special", true}}}});
    QVERIFY(tokenizer);
    QCOMPARE(as_text(tokenizer->encode("refund<pad>")), "256 60 112 97 100 62");
    QCOMPARE(as_text(tokenizer->encode("refund<pad>", SpecialTokens::AsTokens)), "256 257");
    QVERIFY(!tokenizer->is_special(256));
    QVERIFY(tokenizer->is_special(257));
    QCOMPARE(tokenizer->decode(std::vector<TokenId>{256, 257}, true), std::string("refund"));
}

void AddedTokensTest::a_token_that_strips_takes_in_the_white_space_beside_it() {
    const auto tokenizer = with_config({{"256", {{"content", "<m>"}, {"special", true}, {"lstrip", true}, {"rstrip", true}}}});
    QVERIFY(tokenizer);
    const auto pieces = tokenizer->encode_with_offsets("a \xC2\xA0<m>\n b", SpecialTokens::AsTokens);
    QCOMPARE(pieces.size(), std::size_t{3});
    QCOMPARE(pieces[1].begin, std::size_t{1});
    QCOMPARE(pieces[1].end, std::size_t{9});
    QCOMPARE(pieces[1].id, 256);
    QCOMPARE(pieces[2].begin, std::size_t{9});
}

void AddedTokensTest::a_whole_word_token_is_not_found_inside_a_word() {
    const auto tokenizer = with_config({{"256", {{"content", "cat"}, {"special", false}, {"single_word", true}}}});
    QVERIFY(tokenizer);
    QCOMPARE(as_text(tokenizer->encode("cat,")), "256 44");
    QCOMPARE(as_text(tokenizer->encode("cats")), "99 97 116 115");
    QCOMPARE(as_text(tokenizer->encode("\xC3\xA9"
                                       "cat")),
             "195 169 99 97 116");
}

#include "moc_AddedTokensTest.cpp"
