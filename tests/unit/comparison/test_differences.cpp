// Word differences: the spans tile both texts, are the shortest, and come in bounded time.
#include <QtTest>
#include <random>

#include "core/comparison/WordDiff.h"
#include "tests/unit/comparison/suites.h"

namespace lossmith {
namespace {

/// "same [-only first-] {+only second+}"
std::string shown(std::string_view first, std::string_view second) {
    std::string result;
    for (const DiffSpan& span : word_diff(first, second)) {
        const auto a = std::string(first.substr(span.first.begin, span.first.end - span.first.begin));
        const auto b = std::string(second.substr(span.second.begin, span.second.end - span.second.begin));
        result += span.kind == DiffKind::Same ? b : span.kind == DiffKind::OnlyFirst ? "[-" + a + "-]" : "{+" + b + "+}";
    }
    return result;
}

bool tiles_both(std::string_view first, std::string_view second) {
    std::size_t a = 0;
    std::size_t b = 0;
    for (const DiffSpan& span : word_diff(first, second)) {
        if (span.first.begin != a || span.second.begin != b) return false;
        if (span.kind == DiffKind::OnlyFirst && (span.first.end == a || span.second.end != b)) return false;
        if (span.kind == DiffKind::OnlySecond && (span.second.end == b || span.first.end != a)) return false;
        a = span.first.end;
        b = span.second.end;
    }
    return a == first.size() && b == second.size();
}

std::size_t common_words(const std::vector<DiffPiece>& a, const std::vector<DiffPiece>& b) {
    std::vector<std::size_t> row(b.size() + 1, 0);
    for (const DiffPiece& left : a) {
        std::size_t diagonal = 0;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            row[j + 1] = left.word == b[j].word ? diagonal + 1 : std::max(above, row[j]);
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

class TestDifferences : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_changed_word_is_told_from_its_neighbours();
    void equal_texts_are_one_span();
    void empty_texts_are_no_trouble();
    void white_space_is_not_a_difference();
    void an_apostrophe_does_not_cut_a_word();
    void spans_tile_both_texts_and_are_the_shortest();
    void texts_far_too_long_for_words_are_compared_in_lines();
    void hopelessly_long_texts_still_tile();
};

void TestDifferences::a_changed_word_is_told_from_its_neighbours() {
    QCOMPARE(shown("wipe the vase with water.", "wipe the lamp with water."), std::string("wipe the [-vase -]{+lamp +}with water."));
    QCOMPARE(shown("a, b", "a; b"), std::string("a[-, -]{+; +}b"));
}

void TestDifferences::equal_texts_are_one_span() {
    QCOMPARE(word_diff("the same text", "the same text").size(), 1U);
}

void TestDifferences::empty_texts_are_no_trouble() {
    QVERIFY(word_diff("", "").empty());
    QCOMPARE(shown("", "new words"), std::string("{+new words+}"));
    QCOMPARE(shown("old words", ""), std::string("[-old words-]"));
    QVERIFY(tiles_both("  ", "\n"));
}

void TestDifferences::white_space_is_not_a_difference() {
    const auto spans = word_diff("one  two\nthree", "one two three");
    QCOMPARE(spans.size(), 1U);
    QVERIFY(spans.front().kind == DiffKind::Same);
}

void TestDifferences::an_apostrophe_does_not_cut_a_word() {
    QCOMPARE(shown("we don't know", "we do know"), std::string("we [-don't -]{+do +}know"));
}

void TestDifferences::spans_tile_both_texts_and_are_the_shortest() {
    std::mt19937 random(4);
    const std::vector<std::string> pieces{"the ", "vase", ", ", "lamp\n", " über ", "茶", "\xFF", "don't ", "  ", "."};
    for (int round = 0; round < 500; ++round) {
        std::string first;
        std::string second;
        for (unsigned i = 0; i < random() % 30; ++i) first += pieces[random() % pieces.size()];
        for (unsigned i = 0; i < random() % 30; ++i) second += pieces[random() % pieces.size()];
        QVERIFY2(tiles_both(first, second), (first + " | " + second).c_str());
        std::size_t same = 0;
        for (const DiffSpan& span : word_diff(first, second))
            if (span.kind == DiffKind::Same)
                same += diff_pieces(std::string_view(first).substr(span.first.begin, span.first.end - span.first.begin)).size();
        const auto a = diff_pieces(first);
        const auto b = diff_pieces(second);
        QCOMPARE(same, common_words(a, b));
    }
}

void TestDifferences::texts_far_too_long_for_words_are_compared_in_lines() {
    std::string first = "start\n";
    std::string second = "begin\n";
    for (int i = 0; i < 900; ++i) {
        first += "line " + std::to_string(i) + " here\n";
        second += i == 500 ? "another line\n" : "line " + std::to_string(i) + " here\n";
    }
    first += "end";
    second += "finish";
    QVERIFY(tiles_both(first, second));
    const auto spans = word_diff(first, second);
    const auto same = std::count_if(spans.begin(), spans.end(), [](const DiffSpan& span) { return span.kind == DiffKind::Same; });
    QCOMPARE(same, 2);
}

void TestDifferences::hopelessly_long_texts_still_tile() {
    std::string first;
    std::string second;
    for (int i = 0; i < 50'000; ++i) {
        first += "a" + std::to_string(i) + "\n";
        second += "b" + std::to_string(i) + "\n";
    }
    QVERIFY(tiles_both(first, second));
    QCOMPARE(word_diff(first, second).size(), 2U);
    QVERIFY(tiles_both("x", second));
}

int run_differences(int argc, char** argv) {
    TestDifferences test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace lossmith

#include "test_differences.moc"
