// Comparisons: summary, JSON, CSV, and a page that hostile text cannot break.
#include <QtTest>

#include "core/comparison/Comparison.h"
#include "core/comparison/ComparisonPage.h"
#include "core/comparison/CopyIndex.h"
#include "tests/unit/comparison/suites.h"

namespace lossmith {
namespace {

Comparison sample() {
    Comparison comparison;
    comparison.base_model = "starter";
    comparison.tuned_model = "run 7";
    comparison.note = "3 held-out rows · greedy";
    comparison.sampling = {{"max_new_tokens", 60}};
    comparison.rows = {
        {"It smells.",
         "Problem: It smells.\nSolution:",
         "Wipe the vase with water.",
         {"and the king said", {}},
         {"Wipe the lamp with water.", {}}},
        {"It broke.", "Problem: It broke.\nSolution:", "Send it back.", {"once upon a time", {}}, {"Send it back.", {}}},
        {"Typed", "Typed", "", {"a b", {}}, {"c d e", {}}},
    };
    return comparison;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

class TestComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void the_summary_counts_only_rows_that_have_the_score();
    void scoring_keeps_the_loss_that_a_model_gave();
    void a_comparison_survives_json();
    void what_is_not_a_comparison_is_refused_with_a_sentence();
    void invalid_utf8_is_written_all_the_same();
    void the_csv_quotes_and_never_runs_a_formula();
    void the_page_shows_models_means_and_marked_words();
    void hostile_text_stays_text_on_the_page();
    void the_page_needs_no_other_file();
    void scores_are_shown_as_people_read_them();
};

void TestComparison::the_summary_counts_only_rows_that_have_the_score() {
    Comparison comparison = sample();
    const CopyIndex index = CopyIndex::build({{1, "Send it back."}});
    score(comparison, &index);
    const ScoreSummary& exact = comparison.summary.at("exact_match");
    QCOMPARE(exact.rows, 2);
    QCOMPARE(exact.base.mean, 0.0);
    QCOMPARE(exact.tuned.mean, 0.5);
    QCOMPARE(exact.gain.mean, 0.5);
    QCOMPARE(exact.p, 1.0);
    QCOMPARE(comparison.summary.at("words").rows, 3);
    QCOMPARE(comparison.rows[1].tuned.scores.copied_share, 1.0);
    QVERIFY(!comparison.summary.contains("number_match"));
    QVERIFY(!comparison.summary.contains("solution_loss"));
}

void TestComparison::scoring_keeps_the_loss_that_a_model_gave() {
    Comparison comparison = sample();
    comparison.rows[0].base.scores.solution_loss = 6.0;
    comparison.rows[0].tuned.scores.solution_loss = 0.5;
    score(comparison);
    QCOMPARE(comparison.summary.at("solution_loss").gain.mean, -5.5);
}

void TestComparison::a_comparison_survives_json() {
    Comparison comparison = sample();
    score(comparison);
    const auto parsed = parse_json(Json(comparison).dump());
    QVERIFY(parsed);
    const auto again = comparison_from_json(*parsed);
    QVERIFY(again);
    QVERIFY(*again == comparison);
}

void TestComparison::what_is_not_a_comparison_is_refused_with_a_sentence() {
    const Json good = sample();
    QVERIFY(comparison_from_json(good));
    for (const char* wrong :
         {R"([])", R"({})", R"({"prompts": 3, "summary": {}})", R"({"prompts": [1], "summary": {}})",
          R"({"prompts": [{"prompt": "a"}], "summary": {}})",
          R"({"prompts": [{"prompt": "a", "base": {"text": 1}, "tuned": {"text": ""}}], "summary": {}})",
          R"({"prompts": [], "summary": {"rouge_l": {"rows": "two"}}})", R"({"prompts": [], "summary": {"rouge_l": 4}})"}) {
        const auto result = comparison_from_json(Json::parse(wrong));
        QVERIFY2(!result, wrong);
        QVERIFY(result.error().message.starts_with("This is not a comparison: "));
    }
}

void TestComparison::invalid_utf8_is_written_all_the_same() {
    Comparison comparison = sample();
    comparison.rows[0].tuned.text = "half a character \xE2\x82";
    score(comparison);
    const std::string dumped = Json(comparison).dump();
    QVERIFY(contains(dumped, "half a character \xEF\xBF\xBD"));
    QVERIFY(contains(comparison_page(comparison), "half a character"));
    QVERIFY(contains(comparison_csv(comparison), "half a character \xEF\xBF\xBD"));
}

void TestComparison::the_csv_quotes_and_never_runs_a_formula() {
    Comparison comparison = sample();
    comparison.rows.resize(1);
    comparison.rows[0].base.text = "=HYPERLINK(\"http://x\")";
    comparison.rows[0].tuned.text = "two\nlines, \"quoted\"";
    score(comparison);
    const std::string csv = comparison_csv(comparison);
    QVERIFY(csv.starts_with("problem,prompt,solution,base,tuned,base_exact_match,"));
    QVERIFY(contains(csv, "\"'=HYPERLINK(\"\"http://x\"\")\""));
    QVERIFY(contains(csv, "\"two\nlines, \"\"quoted\"\"\""));
    QVERIFY(csv.ends_with("\r\n"));
}

void TestComparison::the_page_shows_models_means_and_marked_words() {
    Comparison comparison = sample();
    score(comparison);
    const std::string page = comparison_page(comparison);
    QVERIFY(contains(page, "<span class=base>starter</span>"));
    QVERIFY(contains(page, "<span class=tuned>run 7</span>"));
    QVERIFY(contains(page, "3 held-out rows · greedy"));
    QVERIFY(contains(page, "<span class=tuned>50 %</span>"));
    QVERIFY(contains(page, "Wipe the <ins>lamp</ins> with water."));
    QVERIFY(contains(page, "Wipe the vase with water."));
    QVERIFY(!contains(page, "<ins>and"));
}

void TestComparison::hostile_text_stays_text_on_the_page() {
    const std::string attack = "</td></table><script>alert(1)</script><img src=x onerror=\"alert('2')\">&amp;\x01";
    Comparison comparison = sample();
    comparison.base_model = comparison.tuned_model = comparison.note = attack;
    for (ComparisonRow& row : comparison.rows) row = {attack, attack, attack, {attack, {}}, {attack + " more", {}}};
    score(comparison);
    const std::string page = comparison_page(comparison);
    QVERIFY(!contains(page, "<script>alert"));
    QVERIFY(!contains(page, "<img"));
    QVERIFY(!contains(page, "\x01"));
    QVERIFY(contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    QCOMPARE(QString::fromStdString(page).count(QStringLiteral("<script>")), 1);
    QCOMPARE(QString::fromStdString(page).count(QStringLiteral("</table>")), 1);
}

void TestComparison::the_page_needs_no_other_file() {
    Comparison comparison = sample();
    score(comparison);
    const std::string page = comparison_page(comparison);
    for (const char* outside : {"http:", "https:", "src=", "<link", "@import", "url("}) QVERIFY2(!contains(page, outside), outside);
    QVERIFY(contains(page, "prefers-color-scheme:dark"));
}

void TestComparison::scores_are_shown_as_people_read_them() {
    const auto kind = [](const std::string& name) {
        return *std::ranges::find_if(score_kinds(), [&](const ScoreKind& each) { return each.name == name; });
    };
    QCOMPARE(shown_score(kind("exact_match"), 0.9667), std::string("97 %"));
    QCOMPARE(shown_score(kind("rouge_l"), 0.9667), std::string("0.97"));
    QCOMPARE(shown_score(kind("words"), 21.25), std::string("21.2"));
    QCOMPARE(shown_p(0.0001), std::string("p < 0.001"));
    QCOMPARE(shown_p(0.0421), std::string("p = 0.042"));
    QCOMPARE(shown_p(0.5), std::string("p = 0.50"));
}

int run_comparison(int argc, char** argv) {
    TestComparison test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace lossmith

#include "test_comparison.moc"
