// Intervals and p-values agree with SciPy, and copied runs are found exactly.
#include <QtTest>
#include <random>

#include "core/base/Json.h"
#include "core/comparison/Bootstrap.h"
#include "core/comparison/CopyIndex.h"
#include "core/comparison/Words.h"
#include "tests/unit/comparison/suites.h"

namespace lossmith {
namespace {

Json tests_of_reference() {
    auto json = read_json_file(LOSSMITH_TEST_DATA "/comparison/expected_scores.json");
    return json ? (*json)["tests"] : Json::array();
}

std::size_t longest_by_trying_all(const std::vector<std::string>& text, const std::vector<std::vector<std::string>>& solutions) {
    std::size_t best = 0;
    for (const auto& solution : solutions)
        for (std::size_t i = 0; i < text.size(); ++i)
            for (std::size_t j = 0; j < solution.size(); ++j) {
                std::size_t k = 0;
                while (i + k < text.size() && j + k < solution.size() && text[i + k] == solution[j + k]) ++k;
                best = std::max(best, k);
            }
    return best;
}

std::string random_text(std::mt19937& random, std::size_t words, int vocabulary) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) text += "w" + std::to_string(random() % static_cast<unsigned>(vocabulary)) + " ";
    return text;
}

}  // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void p_values_are_what_scipy_gives();
    void intervals_are_what_scipy_gives();
    void the_same_seed_gives_the_same_interval();
    void equal_pairs_do_not_differ();
    void an_interval_of_one_value_has_no_width();
    void the_longest_copied_run_is_found_with_its_row();
    void copied_runs_equal_those_found_by_trying_all();
    void a_run_does_not_cross_from_one_solution_to_the_next();
    void a_solution_that_repeats_itself_is_sorted_in_time();
    void an_index_that_is_full_says_so();
};

void TestStatistics::p_values_are_what_scipy_gives() {
    const Json tests = tests_of_reference();
    QVERIFY(tests.size() >= 7);
    for (const Json& test : tests) {
        const auto base = test["base"].get<std::vector<double>>();
        const auto tuned = test["tuned"].get<std::vector<double>>();
        const double p = paired_permutation_p(base, tuned);
        QVERIFY2(std::abs(p - test["p"].get<double>()) < (test["exact"].get<bool>() ? 1e-12 : 0.02), std::to_string(p).c_str());
    }
}

void TestStatistics::intervals_are_what_scipy_gives() {
    const Json tests = tests_of_reference();
    for (const Json& test : tests) {
        const auto values = test["tuned"].get<std::vector<double>>();
        const Interval interval = bootstrap_mean(values, 42, 20'000);
        const double width = test["high"].get<double>() - test["low"].get<double>();
        QVERIFY(std::abs(interval.mean - test["mean"].get<double>()) < 1e-12);
        QVERIFY(std::abs(interval.low - test["low"].get<double>()) <= 0.03 * width);
        QVERIFY(std::abs(interval.high - test["high"].get<double>()) <= 0.03 * width);
    }
}

void TestStatistics::the_same_seed_gives_the_same_interval() {
    const std::vector<double> values{0.1, 0.9, 0.4, 0.7, 0.2};
    QVERIFY(bootstrap_mean(values, 1) == bootstrap_mean(values, 1));
    QVERIFY(bootstrap_mean(values, 1) != bootstrap_mean(values, 2));
}

void TestStatistics::equal_pairs_do_not_differ() {
    const std::vector<double> values{0.1, 0.9, 0.4};
    QCOMPARE(paired_permutation_p(values, values), 1.0);
    QCOMPARE(paired_permutation_p({}, {}), 1.0);
}

void TestStatistics::an_interval_of_one_value_has_no_width() {
    const std::vector<double> one{0.3};
    QVERIFY((bootstrap_mean(one) == Interval{0.3, 0.3, 0.3}));
    QVERIFY((bootstrap_mean({}) == Interval{}));
}

void TestStatistics::the_longest_copied_run_is_found_with_its_row() {
    const CopyIndex index = CopyIndex::build({{11, "Send the scarf back."}, {12, "Wipe the vase with warm water, please."}, {13, ""}});
    const CopiedRun run = index.longest_run("Now WIPE the vase; with cold water");
    QCOMPARE(run.words, 4U);
    QCOMPARE(run.first_word, 1U);
    QCOMPARE(run.row, 12);
    QCOMPARE(index.longest_run("nothing shared").words, 0U);
    QCOMPARE(index.longest_run("").words, 0U);
    QCOMPARE(CopyIndex::build({}).longest_run("any words").words, 0U);
}

void TestStatistics::copied_runs_equal_those_found_by_trying_all() {
    std::mt19937 random(9);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> texts;
        for (int i = 0; i < 8; ++i) texts.push_back(random_text(random, 5 + random() % 40, 3 + round % 5));
        std::vector<CopyIndex::Source> sources;
        std::vector<std::vector<std::string>> solutions;
        for (std::size_t i = 1; i < texts.size(); ++i) {
            sources.push_back({static_cast<std::int64_t>(i), texts[i]});
            solutions.push_back(score_words(texts[i]));
        }
        const CopiedRun run = CopyIndex::build(sources).longest_run(texts[0]);
        const auto said = score_words(texts[0]);
        QCOMPARE(run.words, longest_by_trying_all(said, solutions));
        const std::vector<std::string> copied(said.begin() + static_cast<std::ptrdiff_t>(run.first_word),
                                              said.begin() + static_cast<std::ptrdiff_t>(run.first_word + run.words));
        QVERIFY(run.words == 0 || longest_by_trying_all(copied, {solutions[static_cast<std::size_t>(run.row - 1)]}) == run.words);
    }
}

void TestStatistics::a_run_does_not_cross_from_one_solution_to_the_next() {
    const CopyIndex index = CopyIndex::build({{1, "a b"}, {2, "c d"}});
    QCOMPARE(index.longest_run("a b c d").words, 2U);
}

void TestStatistics::a_solution_that_repeats_itself_is_sorted_in_time() {
    std::string endless;
    for (int i = 0; i < 100'000; ++i) endless += "a ";
    const CopyIndex index = CopyIndex::build({{1, endless}});
    QCOMPARE(index.longest_run("b a a a b").words, 3U);
    QVERIFY(index.longest_run(endless).words >= 256U);
}

void TestStatistics::an_index_that_is_full_says_so() {
    const CopyIndex index = CopyIndex::build({{1, "one two three"}, {2, "four five"}}, 4);
    QVERIFY(!index.is_complete());
    QCOMPARE(index.longest_run("one two three").words, 3U);
    QCOMPARE(index.longest_run("four").words, 0U);
    QVERIFY(CopyIndex::build({{1, "one"}}).is_complete());
}

int run_statistics(int argc, char** argv) {
    TestStatistics test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace lossmith

#include "test_statistics.moc"
