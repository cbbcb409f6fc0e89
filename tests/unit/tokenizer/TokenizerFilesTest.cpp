#include "tests/unit/tokenizer/TokenizerFilesTest.h"

#include <QtTest/QtTest>

#include "core/base/Files.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

/// Bytes, "ab" and " ab", and the merges that make them.
Json small_vocabulary() {
    Json vocabulary = byte_vocabulary();
    vocabulary["ab"] = 256;
    vocabulary["\u0120ab"] = 257;
    return vocabulary;
}

constexpr const char* small_merges = "#version: 0.2\na b\n\u0120 ab\n";

Json small_tokenizer_json() {
    return {{"version", "1.0"},
            {"added_tokens", Json::array()},
            {"normalizer", nullptr},
            {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
            {"model", {{"type", "BPE"}, {"vocab", small_vocabulary()}, {"merges", {"a b", "\u0120 ab"}}}}};
}

TokenizerPointer read(const Folder& folder) {
    auto tokenizer = Tokenizer::from_folder(folder.path());
    if (tokenizer) return *tokenizer;
    QTest::qFail(describe(tokenizer.error()).c_str(), __FILE__, __LINE__);
    return nullptr;
}

void check_refused(const Folder& folder, const QString& words) {
    const auto tokenizer = Tokenizer::from_folder(folder.path());
    QVERIFY2(!tokenizer, "the folder was read");
    const QString message = QString::fromStdString(describe(tokenizer.error()));
    QVERIFY2(message.contains(words), qPrintable(message));
    QVERIFY2(message.endsWith(QLatin1Char('.')), qPrintable(message));
    QVERIFY(!tokenizer.error().where.file.empty());
}

}  // namespace

void TokenizerFilesTest::vocab_json_and_merges_txt_are_read() {
    const Folder folder;
    folder.write_json("vocab.json", small_vocabulary());
    folder.write("merges.txt", small_merges);
    const auto tokenizer = read(folder);
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->size(), 258);
    QCOMPARE(as_text(tokenizer->encode("ab abc")), "256 257 99");
    QCOMPARE(std::string(tokenizer->bytes_of(257)), std::string(" ab"));
}

void TokenizerFilesTest::tokenizer_json_is_read_with_both_forms_of_merges() {
    Json json = small_tokenizer_json();
    for (const char* merges : {R"(["a b", "\u0120 ab"])", R"([["a", "b"], ["\u0120", "ab"]])"}) {
        json["model"]["merges"] = Json::parse(merges);
        const Folder folder;
        folder.write_json("tokenizer.json", json);
        const auto tokenizer = read(folder);
        QVERIFY(tokenizer);
        QCOMPARE(as_text(tokenizer->encode("ab abc")), "256 257 99");
    }
}

void TokenizerFilesTest::tokenizer_json_is_preferred_to_the_other_files() {
    const Folder folder;
    folder.write_json("vocab.json", byte_vocabulary());
    folder.write("merges.txt", "");
    folder.write_json("tokenizer.json", small_tokenizer_json());
    const auto tokenizer = read(folder);
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->size(), 258);
}

void TokenizerFilesTest::added_tokens_are_read_from_all_their_files() {
    const Folder folder;
    Json json = small_tokenizer_json();
    json["added_tokens"] = {{{"id", 258}, {"content", "<one>"}, {"special", true}}};
    folder.write_json("tokenizer.json", json);
    folder.write_json("added_tokens.json", Json{{"<two>", 259}, {"three", 260}});
    folder.write_json("special_tokens_map.json", Json{{"additional_special_tokens", {"<two>"}}});
    folder.write_json("tokenizer_config.json", Json{{"added_tokens_decoder", {{"261", {{"content", "<four>"}, {"special", true}}}}}});
    const auto tokenizer = read(folder);
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->size(), 262);
    QCOMPARE(tokenizer->added_tokens(), (std::vector<std::string>{"<one>", "<two>", "<four>"}));
    QCOMPARE(as_text(tokenizer->encode("<one><two>three<four>", SpecialTokens::AsTokens)), "258 259 260 261");
}

void TokenizerFilesTest::a_role_that_names_an_unknown_token_adds_it() {
    const Folder folder;
    folder.write_json("vocab.json", small_vocabulary());
    folder.write("merges.txt", small_merges);
    folder.write_json("special_tokens_map.json",
                      Json{{"pad_token", {{"content", "<pad>"}}}, {"eos_token", "<end>"}, {"mask_token", nullptr}});
    const auto tokenizer = read(folder);
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->id_of("<end>").value_or(-1), 258);
    QCOMPARE(tokenizer->id_of("<pad>").value_or(-1), 259);
    QVERIFY(tokenizer->is_special(259));
}

void TokenizerFilesTest::line_ends_of_windows_in_merges_are_read() {
    const Folder folder;
    folder.write_json("encoder.json", small_vocabulary());
    folder.write("vocab.bpe", "#version: 0.2\r\na b\r\n\u0120 ab\r\n");
    const auto tokenizer = read(folder);
    QVERIFY(tokenizer);
    QCOMPARE(as_text(tokenizer->encode(" ab")), "257");
}

void TokenizerFilesTest::what_is_saved_is_read_again() {
    const auto first = gpt2_tokenizer()->with_added_tokens(std::vector<std::string>{"<|problem|>", "caf\xC3\xA9 \"x\""});
    const Folder folder;
    const std::string text = "<|problem|>It's 12 o'clock caf\xC3\xA9 \"x\" <|endoftext|>\n";
    const auto saved = first->save(folder.path() / "new");
    QVERIFY2(saved, saved ? "" : describe(saved.error()).c_str());
    const auto check = [&](const std::filesystem::path& path) {
        const auto again = Tokenizer::from_folder(path);
        QVERIFY2(again, again ? "" : describe(again.error()).c_str());
        QCOMPARE((*again)->size(), first->size());
        QCOMPARE((*again)->added_tokens(), first->added_tokens());
        QCOMPARE(as_text((*again)->encode(text)), as_text(first->encode(text)));
        QCOMPARE(as_text((*again)->encode(text, SpecialTokens::AsTokens)), as_text(first->encode(text, SpecialTokens::AsTokens)));
        for (TokenId id = 0; id < first->size(); ++id) QCOMPARE((*again)->bytes_of(id), first->bytes_of(id));
    };
    check(folder.path() / "new");
    std::filesystem::remove(folder.path() / "new" / "tokenizer.json");
    check(folder.path() / "new");
}

void TokenizerFilesTest::a_saved_tokenizer_keeps_the_kind_of_its_added_tokens() {
    const Folder folder;
    folder.write_json("vocab.json", small_vocabulary());
    folder.write("merges.txt", small_merges);
    folder.write_json("tokenizer_config.json",
                      Json{{"added_tokens_decoder", {{"258", {{"content", "word"}, {"special", false}, {"lstrip", true}}}}}});
    const auto first = read(folder);
    QVERIFY(first);
    QVERIFY(first->save(folder.path() / "saved"));
    const auto again = Tokenizer::from_folder(folder.path() / "saved");
    QVERIFY(again);
    QVERIFY(!(*again)->is_special(258));
    QCOMPARE(as_text((*again)->encode("a  word")), "97 258");
}

void TokenizerFilesTest::the_roles_of_tokens_are_saved() {
    const Folder folder;
    folder.write_json("vocab.json", small_vocabulary());
    folder.write("merges.txt", small_merges);
    folder.write_json("tokenizer_config.json", Json{{"pad_token", "<pad>"}, {"eos_token", "<end>"}});
    const auto tokenizer = read(folder);
    QVERIFY(tokenizer);
    QVERIFY(tokenizer->save(folder.path() / "saved"));
    const auto map = read_json_file(folder.path() / "saved" / "special_tokens_map.json");
    QVERIFY(map);
    QCOMPARE(map->dump(), std::string(R"({"eos_token":"<end>","pad_token":"<pad>"})"));
}

void TokenizerFilesTest::a_token_name_that_is_no_utf8_is_not_saved() {
    const Folder folder;
    const auto saved = gpt2_tokenizer()->with_added_tokens(std::vector<std::string>{"<\xFF>"})->save(folder.path());
    QVERIFY(!saved);
    QVERIFY(saved.error().kind == ErrorKind::BadInput);
    QVERIFY(!std::filesystem::exists(folder.path() / "vocab.json"));
}

void TokenizerFilesTest::a_byte_without_a_token_is_left_out_or_unknown() {
    const Folder folder;
    folder.write_json("vocab.json", Json{{"a", 0}, {"b", 1}, {"ab", 2}, {"<unk>", 3}});
    folder.write("merges.txt", "a b\n");
    const auto without = read(folder);
    QVERIFY(without);
    QCOMPARE(as_text(without->encode("abxb")), "2 1");
    const auto pieces = without->encode_with_offsets("abxb");
    QCOMPARE(pieces.size(), std::size_t{2});
    QCOMPARE(pieces[1].begin, std::size_t{3});
    folder.write_json("tokenizer_config.json", Json{{"unk_token", "<unk>"}});
    const auto with = read(folder);
    QVERIFY(with);
    QCOMPARE(as_text(with->encode("abxb")), "2 3 1");
    QCOMPARE(with->encode_with_offsets("abxb")[1].end, std::size_t{3});
}

void TokenizerFilesTest::a_wrong_folder_is_refused_with_a_sentence_data() {
    QTest::addColumn<QByteArray>("vocabulary");
    QTest::addColumn<QByteArray>("merges");
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const char* vocabulary, const char* words, const char* config = "{}") {
        QTest::newRow(name) << QByteArray(vocabulary) << QByteArray("#version: 0.2\n") << QByteArray(config) << QString::fromUtf8(words);
    };
    row("empty file", "", "not valid JSON");
    row("cut off", R"({"a": 0, "b)", "not valid JSON");
    row("not UTF-8", "{\"\xFF\": 0}", "not valid JSON");
    row("a list", R"(["a", "b"])", "must be one JSON object");
    row("a number", "7", "must be one JSON object");
    row("nested", R"({"a": {"b": 0}})", "must be one JSON object");
    row("ids that are text", R"({"a": "0"})", "must be one JSON object");
    row("ids that are fractions", R"({"a": 0.5})", "must be one JSON object");
    row("no tokens", "{}", "no tokens");
    row("a nameless token", R"({"": 0})", "no name");
    row("a gap", R"({"a": 0, "b": 2})", "No token has the id 1");
    row("not from zero", R"({"a": 1})", "No token has the id 0");
    row("one id twice", R"({"a": 0, "b": 0})", "both have the id 0");
    row("one name twice", R"({"a": 0, "a": 1})", "named twice");
    row("a negative id", R"({"a": -1})", "ids run from 0");
    row("a huge id", R"({"a": 0, "b": 1099511627776})", "ids run from 0");
    row("an id beyond 64 bits", R"({"a": 99999999999999999999999})", "must be one JSON object");
    row("an id at the end of 64 bits", R"({"a": 18446744073709551615})", "ids run from 0");
    row("config is a list", R"({"a": 0})", "must be one JSON object", "[]");
    row("config is broken", R"({"a": 0})", "not valid JSON", "{");
    row("added id is taken", R"({"a": 0})", "of the token “a”", R"({"added_tokens_decoder": {"0": {"content": "<x>"}}})");
    row("added token has another id", R"({"a": 0, "<x>": 1})", "vocabulary gives it 1",
        R"({"added_tokens_decoder": {"2": {"content": "<x>"}}})");
    row("added tokens share an id", R"({"a": 0})", "has two ids",
        R"({"added_tokens_decoder": {"1": {"content": "<x>"}, "2": {"content": "<x>"}}})");
    row("added id is no number", R"({"a": 0})", "no token's id", R"({"added_tokens_decoder": {"one": {"content": "<x>"}}})");
    row("added id is huge", R"({"a": 0})", "ids run from 0", R"({"added_tokens_decoder": {"2000000000": {"content": "<x>"}}})");
    row("added id is beyond 32 bits", R"({"a": 0})", "whole number", R"({"added_tokens_decoder": {"4294967296": {"content": "<x>"}}})");
    row("added token is no object", R"({"a": 0})", "must be an object", R"({"added_tokens_decoder": {"1": "x"}})");
    row("a space before each text", R"({"a": 0})", "add_prefix_space", R"({"add_prefix_space": true})");
}

void TokenizerFilesTest::a_wrong_folder_is_refused_with_a_sentence() {
    QFETCH(QByteArray, vocabulary);
    QFETCH(QByteArray, merges);
    QFETCH(QByteArray, config);
    QFETCH(QString, words);
    const Folder folder;
    folder.write("vocab.json", vocabulary.toStdString());
    folder.write("merges.txt", merges.toStdString());
    folder.write("tokenizer_config.json", config.toStdString());
    check_refused(folder, words);
}

void TokenizerFilesTest::a_wrong_tokenizer_json_is_refused_with_a_sentence_data() {
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* patch, const char* words) { QTest::newRow(patch) << QByteArray(patch) << QString::fromUtf8(words); };
    row(R"({"model": null})", "no “model”");
    row(R"({"model": {"type": "Unigram"}})", "Unigram");
    row(R"({"normalizer": {"type": "NFC"}})", "normalizer");
    row(R"({"pre_tokenizer": null})", "pre_tokenizer");
    row(R"({"pre_tokenizer": {"type": "Whitespace"}})", "pre_tokenizer");
    row(R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split"}, {"type": "ByteLevel"}]}})", "pre_tokenizer");
    row(R"({"pre_tokenizer": {"use_regex": false}})", "use_regex");
    row(R"({"pre_tokenizer": {"add_prefix_space": true}})", "add_prefix_space");
    row(R"({"model": {"end_of_word_suffix": "</w>"}})", "end_of_word_suffix");
    row(R"({"model": {"continuing_subword_prefix": "##"}})", "continuing_subword_prefix");
    row(R"({"model": {"byte_fallback": true}})", "byte_fallback");
    row(R"({"model": {"ignore_merges": true}})", "ignore_merges");
    row(R"({"model": {"dropout": 0.1}})", "dropout");
    row(R"({"model": {"vocab": null}})", "model.vocab");
    row(R"({"model": {"vocab": {"a": 4.5}}})", "model.vocab");
    row(R"({"model": {"vocab": {"a": 18446744073709551615}}})", "ids run from 0");
    row(R"({"model": {"merges": {}}})", "model.merges");
    row(R"({"model": {"merges": null}})", "model.merges");
    row(R"({"model": {"merges": ["a"]}})", "model.merges");
    row(R"({"model": {"merges": ["a b c"]}})", "model.merges");
    row(R"({"model": {"merges": [["a", "b", "c"]]}})", "model.merges");
    row(R"({"model": {"merges": [["a", 1]]}})", "model.merges");
    row(R"({"model": {"merges": ["a zz"]}})", "“zz”");
    row(R"({"model": {"merges": ["b a"]}})", "“ba”");
    row(R"({"added_tokens": {}})", "added_tokens");
    row(R"({"added_tokens": [7]})", "must be an object");
    row(R"({"added_tokens": [{"content": "<x>"}]})", "whole number");
    row(R"({"added_tokens": [{"content": "<x>", "id": 300}]})", "No token has the id 258");
}

void TokenizerFilesTest::a_wrong_tokenizer_json_is_refused_with_a_sentence() {
    QFETCH(QByteArray, patch);
    QFETCH(QString, words);
    Json json = small_tokenizer_json();
    json.merge_patch(Json::parse(patch.toStdString()));
    const Folder folder;
    folder.write_json("tokenizer.json", json);
    check_refused(folder, words);
}

void TokenizerFilesTest::a_wrong_merge_is_refused_with_its_line() {
    for (const auto& [merges, words] :
         {std::pair{"#version: 0.2\na b\na c\n", "line 3: A merge makes the token “ac”"},
          std::pair{"a b\nab zz\n", "line 2: A merge names the token “zz”"}, std::pair{"a b\nab\n", "line 2: A merge is two token names"},
          std::pair{"a  b\n", "line 1: A merge is two token names"}}) {
        const Folder folder;
        folder.write_json("vocab.json", small_vocabulary());
        folder.write("merges.txt", merges);
        check_refused(folder, QString::fromUtf8(words));
    }
    const Folder folder;
    folder.write_json("vocab.json", small_vocabulary());
    check_refused(folder, QStringLiteral("merges.txt is missing"));
    check_refused(Folder(), QStringLiteral("no tokenizer in this folder"));
}

void TokenizerFilesTest::a_vocabulary_of_a_gigabyte_is_refused() {
    const Folder folder;
    folder.write("merges.txt", "");
    folder.write("vocab.json", "{");
    std::filesystem::resize_file(folder.path() / "vocab.json", std::uintmax_t{1} << 30U);
    check_refused(folder, QStringLiteral("larger than the 64 MiB"));
    folder.write("tokenizer.json", std::string(1'000'000, '['));
    check_refused(folder, QStringLiteral("nested"));
}

#include "moc_TokenizerFilesTest.cpp"
