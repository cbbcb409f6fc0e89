// Comparisons: summary, JSON, CSV, and a page that hostile text cannot break.
#include <QtTest>
#include <cmath>

#include "core/comparison/Comparison.h"
#include "core/comparison/ComparisonPage.h"
#include "core/comparison/CopyIndex.h"
#include "tests/unit/comparison/suites.h"

namespace lossmith {
namespace {

Comparison sample() {
    Comparison comparison;
    comparison.models = {"starter", "run 7"};
    comparison.note = "3 held-out rows · greedy";
    comparison.sampling = {{"max_new_tokens", 60}};
    comparison.rows = {
        {"It smells.",
         "Problem: It smells.\nSolution:",
         "Wipe the vase with water.",
         {{"and the king said", {}}, {"Wipe the lamp with water.", {}}}},
        {"It broke.", "Problem: It broke.\nSolution:", "Send it back.", {{"once upon a time", {}}, {"Send it back.", {}}}},
        {"Typed", "Typed", "", {{"a b", {}}, {"c d e", {}}}},
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
    void perplexities_are_averaged_as_factors();
    void each_tuned_model_is_held_against_the_base();
    void a_gain_is_above_zero_where_a_lower_score_is_better_too();
};

void TestComparison::the_summary_counts_only_rows_that_have_the_score() {
    Comparison comparison = sample();
    const CopyIndex index = CopyIndex::build({{1, "Send it back."}});
    score(comparison, &index);
    const ScoreSummary& exact = comparison.summaries.at(0).at("exact_match");
    QCOMPARE(exact.rows, 2);
    QCOMPARE(exact.base.mean, 0.0);
    QCOMPARE(exact.tuned.mean, 0.5);
    QCOMPARE(exact.gain.mean, 0.5);
    QCOMPARE(exact.p, 1.0);
    QCOMPARE(comparison.summaries.at(0).at("words").rows, 3);
    QCOMPARE(comparison.rows[1].texts[1].scores.copied_share, 1.0);
    QVERIFY(!comparison.summaries.at(0).contains("number_match"));
    QVERIFY(!comparison.summaries.at(0).contains("solution_loss"));
}

void TestComparison::scoring_keeps_the_loss_that_a_model_gave() {
    Comparison comparison = sample();
    comparison.rows[0].texts[0].scores.solution_loss = 6.0;
    comparison.rows[0].texts[1].scores.solution_loss = 0.5;
    score(comparison);
    QCOMPARE(comparison.summaries.at(0).at("solution_loss").gain.mean, -5.5);
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
         {R"([])", R"({})", R"({"models": "a", "prompts": [], "summary": []})", R"({"models": [1], "prompts": [], "summary": []})",
          R"({"models": [], "prompts": 3, "summary": []})", R"({"models": [], "prompts": [1], "summary": []})",
          R"({"models": ["a"], "prompts": [{"prompt": "a"}], "summary": []})",
          R"({"models": ["a", "b"], "prompts": [{"prompt": "a", "texts": [{"text": ""}]}], "summary": []})",
          R"({"models": ["a"], "prompts": [{"prompt": "a", "texts": [{"text": 1}]}], "summary": []})",
          R"({"models": ["a", "b"], "prompts": [], "summary": [{"scores": {"rouge_l": {"rows": "two"}}}]})",
          R"({"models": ["a", "b"], "prompts": [], "summary": [{"scores": {"rouge_l": 4}}]})",
          R"({"models": ["a"], "prompts": [], "summary": [{"scores": {}}]})"}) {
        const auto result = comparison_from_json(Json::parse(wrong));
        QVERIFY2(!result, wrong);
        QVERIFY(result.error().message.starts_with("This is not a comparison: "));
    }
}

void TestComparison::invalid_utf8_is_written_all_the_same() {
    Comparison comparison = sample();
    comparison.rows[0].texts[1].text = "half a character \xE2\x82";
    score(comparison);
    const std::string dumped = Json(comparison).dump();
    QVERIFY(contains(dumped, "half a character \xEF\xBF\xBD"));
    QVERIFY(contains(comparison_page(comparison), "half a character"));
    QVERIFY(contains(comparison_csv(comparison), "half a character \xEF\xBF\xBD"));
}

void TestComparison::the_csv_quotes_and_never_runs_a_formula() {
    Comparison comparison = sample();
    comparison.rows.resize(1);
    comparison.rows[0].texts[0].text = "=HYPERLINK(\"http://x\")";
    comparison.rows[0].texts[1].text = "two\nlines, \"quoted\"";
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
    comparison.models = {attack, attack};
    comparison.note = attack;
    for (ComparisonRow& row : comparison.rows) row = {attack, attack, attack, {{attack, {}}, {attack + " more", {}}}};
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

void TestComparison::perplexities_are_averaged_as_factors() {
    Comparison comparison = sample();
    comparison.rows[0].texts[0].scores.solution_loss = std::log(8.0);
    comparison.rows[0].texts[1].scores.solution_loss = std::log(2.0);
    comparison.rows[1].texts[0].scores.solution_loss = std::log(2.0);
    comparison.rows[1].texts[1].scores.solution_loss = std::log(2.0);
    score(comparison);
    QVERIFY(std::abs(*comparison.rows[0].texts[0].scores.perplexity - 8.0) < 1e-9);
    const ScoreSummary& perplexity = comparison.summaries[0].at("perplexity");
    QVERIFY(std::abs(perplexity.base.mean - 4.0) < 1e-9);
    QVERIFY(std::abs(perplexity.gain.mean - 0.5) < 1e-9);
    QCOMPARE(perplexity.p, comparison.summaries[0].at("solution_loss").p);
}

void TestComparison::each_tuned_model_is_held_against_the_base() {
    Comparison comparison = sample();
    comparison.models.emplace_back("run 8");
    for (ComparisonRow& row : comparison.rows) row.texts.push_back({row.solution, {}});
    score(comparison);
    QCOMPARE(comparison.summaries.size(), 2U);
    QCOMPARE(comparison.summaries[0].at("exact_match").tuned.mean, 0.5);
    QCOMPARE(comparison.summaries[1].at("exact_match").tuned.mean, 1.0);
    const auto again = comparison_from_json(Json(comparison));
    QVERIFY(again && *again == comparison);
    QVERIFY(comparison_csv(comparison).starts_with("problem,prompt,solution,base,tuned_1,tuned_2,base_exact_match,"));
    const std::string page = comparison_page(comparison);
    QVERIFY(contains(page, "<span class=tuned>run 7</span>, <span class=tuned>run 8</span>"));
    QVERIFY(contains(page, "<button>gain of run 8</button>"));
    QVERIFY(contains(page, "<span class=tuned>50 %</span> <span class=tuned>100 %</span>"));
}

void TestComparison::a_gain_is_above_zero_where_a_lower_score_is_better_too() {
    Comparison comparison = sample();
    set_solution_loss(comparison.rows[0].texts[0].scores, 3.0);
    set_solution_loss(comparison.rows[0].texts[1].scores, 1.0);
    score(comparison);
    QCOMPARE(gain_of(comparison.rows[0], 1, *find_score_kind("solution_loss")), std::optional(2.0));
    QCOMPARE(gain_of(comparison.rows[1], 1, *find_score_kind("exact_match")), std::optional(1.0));
    QVERIFY(!gain_of(comparison.rows[1], 1, *find_score_kind("solution_loss")));
    QVERIFY(!gain_of(comparison.rows[1], 5, *find_score_kind("exact_match")));
    QVERIFY(find_score_kind("colour") == nullptr);
}

int run_comparison(int argc, char** argv) {
    TestComparison test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace lossmith

#include "test_comparison.moc"
