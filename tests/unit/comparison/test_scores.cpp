// Scores agree with the Python references, and say nothing where nothing can be said.
#include <QtTest>

#include "core/comparison/CopyIndex.h"
#include "core/comparison/Overlap.h"
#include "core/comparison/Scores.h"
#include "core/comparison/Words.h"
#include "tests/unit/comparison/suites.h"

namespace lossmith {
namespace {

using Words = std::vector<std::string>;

void compare_close(double actual, double expected, const std::string& what, double tolerance = 1e-9) {
    const std::string message = what + ": " + std::to_string(actual) + " where the reference says " + std::to_string(expected);
    QVERIFY2(std::abs(actual - expected) <= tolerance, message.c_str());
}

Json reference() {
    auto json = read_json_file(LOSSMITH_TEST_DATA "/comparison/expected_scores.json");
    return json ? *json : Json();
}

}  // namespace

class TestScores : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rouge_l_is_what_rouge_score_gives();
    void bleu_is_what_sacrebleu_gives();
    void chrf_is_what_sacrebleu_gives();
    void words_of_every_script_count();
    void rouge_l_of_long_texts_counts_across_blocks();
    void distinct_n_is_the_share_of_different_runs();
    void the_answer_is_the_number_after_the_mark_else_the_last_one_data();
    void the_answer_is_the_number_after_the_mark_else_the_last_one();
    void a_text_without_a_number_has_no_answer();
    void exact_match_forgives_white_space_at_the_ends_only();
    void without_a_solution_nothing_is_held_against_one();
    void without_a_number_in_the_solution_there_is_no_number_match();
    void scores_survive_json();
    void scores_of_the_wrong_type_are_refused();
};

void TestScores::rouge_l_is_what_rouge_score_gives() {
    const Json expected = reference();
    int checked = 0;
    for (const Json& pair : expected["pairs"]) {
        if (pair["rouge_l"].is_null()) continue;
        compare_close(rouge_l(pair["text"].get<std::string>(), pair["solution"].get<std::string>()), pair["rouge_l"], pair["text"]);
        ++checked;
    }
    QVERIFY(checked >= 200);
}

void TestScores::bleu_is_what_sacrebleu_gives() {
    const Json expected = reference();
    QVERIFY(expected["pairs"].size() >= 200);
    for (const Json& pair : expected["pairs"])
        compare_close(bleu(pair["text"].get<std::string>(), pair["solution"].get<std::string>()), pair["bleu"], pair["text"]);
}

void TestScores::chrf_is_what_sacrebleu_gives() {
    const Json expected = reference();
    QVERIFY(expected["pairs"].size() >= 200);
    for (const Json& pair : expected["pairs"])
        compare_close(chrf(pair["text"].get<std::string>(), pair["solution"].get<std::string>()), pair["chrf"], pair["text"]);
}

void TestScores::words_of_every_script_count() {
    QCOMPARE(score_words("Don't STOP, e.g. a_b 3.5%"), (Words{"don", "t", "stop", "e", "g", "a", "b", "3", "5"}));
    QCOMPARE(score_words("Ünïcödé – ЧАЙ"), (Words{"ünïcödé", "чай"}));
    QCOMPARE(score_words("茶を"), (Words{"茶", "を"}));
    QCOMPARE(score_words("bad \xFF\xC3 bytes\xE2\x82"), (Words{"bad", "bytes"}));
    QCOMPARE(rouge_l("чай готов", "чай готов"), 1.0);
}

void TestScores::rouge_l_of_long_texts_counts_across_blocks() {
    std::string numbers;
    std::string odd;
    for (int i = 0; i < 5000; ++i) {
        numbers += std::to_string(i) + " ";
        if (i % 2 == 1) odd += std::to_string(i) + " ";
    }
    compare_close(rouge_l(odd, numbers), 2.0 / 3.0, "every second word: precision 1, recall 1/2");
}

void TestScores::distinct_n_is_the_share_of_different_runs() {
    QCOMPARE(distinct_n("the cat and the dog", 1), 0.8);
    QCOMPARE(distinct_n("no no no no", 2), 1.0 / 3.0);
    QCOMPARE(distinct_n("one", 2), 0.0);
    QCOMPARE(distinct_n("", 1), 0.0);
}

void TestScores::the_answer_is_the_number_after_the_mark_else_the_last_one_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<double>("number");
    QTest::newRow("marked") << QByteArray("5 + 5 = 10\n#### 10\nThen 99 more") << 10.0;
    QTest::newRow("last") << QByteArray("First 3, then 4 apples.") << 4.0;
    QTest::newRow("thousands") << QByteArray("It costs $1,234.50.") << 1234.5;
    QTest::newRow("negative") << QByteArray("#### -7") << -7.0;
    QTest::newRow("dollar") << QByteArray("-$12") << -12.0;
    QTest::newRow("a range is not a minus") << QByteArray("pages 10-12") << 12.0;
    QTest::newRow("minus sign") << QByteArray(
                                       "about \xE2\x88\x92"
                                       "3 degrees")
                                << -3.0;
    QTest::newRow("leading point") << QByteArray("a share of .25") << 0.25;
    QTest::newRow("mark without number") << QByteArray("It is 8. #### none") << 8.0;
    QTest::newRow("sentence end") << QByteArray("There are 5.") << 5.0;
    QTest::newRow("list") << QByteArray("1, 2, 3") << 3.0;
}

void TestScores::the_answer_is_the_number_after_the_mark_else_the_last_one() {
    QFETCH(const QByteArray, text);
    QFETCH(const double, number);
    const auto answer = answer_number(text.toStdString());
    QVERIFY(answer);
    QCOMPARE(*answer, number);
}

void TestScores::a_text_without_a_number_has_no_answer() {
    QVERIFY(!answer_number("no number, not even a - or a . here"));
    QVERIFY(!answer_number(""));
}

void TestScores::exact_match_forgives_white_space_at_the_ends_only() {
    QCOMPARE(score_text("  a b\n", "a b").exact_match, 1.0);
    QCOMPARE(score_text("a  b", "a b").exact_match, 0.0);
    QCOMPARE(score_text("A b", "a b").exact_match, 0.0);
}

void TestScores::without_a_solution_nothing_is_held_against_one() {
    const Scores scores = score_text("some words here", " ");
    QVERIFY(!scores.exact_match && !scores.rouge_l && !scores.bleu && !scores.chrf && !scores.number_match);
    QCOMPARE(scores.words, 3.0);
    QVERIFY(!scores.copied_words);
}

void TestScores::without_a_number_in_the_solution_there_is_no_number_match() {
    QVERIFY(!score_text("It is 4", "It is four").number_match);
    QCOMPARE(score_text("none", "It is 4").number_match, 0.0);
    QCOMPARE(score_text("so 4.0", "It is 4").number_match, 1.0);
}

void TestScores::scores_survive_json() {
    const CopyIndex index = CopyIndex::build({{7, "take the lamp back"}});
    const Scores scores = score_text("please take the lamp", "take the lamp 3", &index);
    QCOMPARE(scores.copied_words, 3.0);
    QCOMPARE(scores.copied_share, 0.75);
    const auto again = scores_from_json(Json(scores));
    QVERIFY(again);
    QVERIFY(*again == scores);
}

void TestScores::scores_of_the_wrong_type_are_refused() {
    QVERIFY(!scores_from_json(Json::array()));
    QVERIFY(!scores_from_json(Json{{"rouge_l", "high"}}));
}

int run_scores(int argc, char** argv) {
    TestScores test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace lossmith

#include "test_scores.moc"
