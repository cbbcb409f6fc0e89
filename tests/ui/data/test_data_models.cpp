// The data page's models over real project files and the real tokenizer.
#include "tests/ui/data/test_data_models.h"

#include <QAbstractItemModelTester>
#include <QStandardItemModel>

#include "tests/support/TestProject.h"
#include "tests/support/TestWindow.h"
#include "ui/data/AsideModel.h"
#include "ui/data/ExampleText.h"
#include "ui/data/LengthHistogram.h"
#include "ui/data/PreviewModel.h"
#include "ui/data/RowsModel.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Tables.h"

namespace lossmith::test {

namespace {

using ui::AsideModel;
using ui::RowsModel;

std::unique_ptr<ui::ProjectSession> opened(const TestProject& file) {
    auto session = ui::ProjectSession::open(file.path(), false);
    return session ? std::move(*session) : nullptr;
}

QString cell(const QAbstractItemModel& model, int row, int column) {
    return model.index(row, column).data().toString();
}

Row a_row(const std::string& problem, const std::string& solution) {
    Row row;
    row.problem = problem;
    row.solution = solution;
    return row;
}

QString joined(const ui::ExampleText& text, bool labelled_only) {
    QString whole;
    for (const ui::TextPiece& piece : text.pieces)
        if (!labelled_only || piece.labelled) whole += piece.text;
    return whole;
}

}  // namespace

void TestDataModels::init() {
    fail_on_qt_warnings();
}

void TestDataModels::rows_are_read_page_by_page_as_they_come_into_view() {
    TestProject file;
    file.import_rows(1000);
    const auto session = opened(file);
    RowsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_rows(session.get(), {}, 1000);
    QCOMPARE(model.rowCount(), 1000);
    QVERIFY(model.row_at(700) == nullptr);
    QTRY_COMPARE(cell(model, 700, RowsModel::ProblemColumn), QStringLiteral("problem 701"));
    QCOMPARE(cell(model, 700, RowsModel::SolutionColumn), QStringLiteral("solution 701"));
    QCOMPARE(cell(model, 700, RowsModel::LineColumn), QStringLiteral("702"));
    QTRY_COMPARE(cell(model, 0, RowsModel::ProblemColumn), QStringLiteral("problem 1"));
    QVERIFY(model.row_at(1000) == nullptr);
}

void TestDataModels::rows_of_one_split_are_shown_alone() {
    TestProject file;
    file.import_csv("problem,solution\na,1\nb,2\n", Split::Train);
    file.import_csv("problem,solution\nc,3\n", Split::Test);
    const auto session = opened(file);
    RowsModel model;
    model.show_rows(session.get(), Split::Test, 1);
    QTRY_COMPARE(cell(model, 0, RowsModel::ProblemColumn), QStringLiteral("c"));
    QCOMPARE(cell(model, 0, RowsModel::SplitColumn), ui::title_of(Split::Test));
}

void TestDataModels::set_aside_rows_have_their_line_and_reason() {
    TestProject file;
    const DataSource source = file.import_csv("problem,solution\na,1\nb,2,3\nc,4\n");
    QCOMPARE(source.set_aside, 1);
    const auto session = opened(file);
    AsideModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_rows(session.get(), source.set_aside);
    QTRY_COMPARE(model.rowCount(), 1);
    QCOMPARE(cell(model, 0, AsideModel::LineColumn), QStringLiteral("3"));
    QCOMPARE(cell(model, 0, AsideModel::ReasonColumn), ui::title_of(AsideReason::Ragged));
    QVERIFY(cell(model, 0, AsideModel::RawColumn).contains(QStringLiteral("b,2,3")));
}

void TestDataModels::the_preview_names_the_problem_and_solution_columns() {
    TestProject file;
    const auto csv = file.write("q.csv", "id,question,answer\n1,why,because\n");
    const auto guess = guess_import(csv);
    QVERIFY(guess.has_value());
    auto preview = preview_import(csv, guess->options, 10);
    QVERIFY(preview.has_value());
    ui::PreviewModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_preview(*guess, std::move(*preview));
    QCOMPARE(model.columnCount(), 3);
    QVERIFY(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString().contains(QStringLiteral("problem")));
    QVERIFY(model.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString().contains(QStringLiteral("solution")));
    QCOMPARE(cell(model, 0, 2), QStringLiteral("because"));
}

void TestDataModels::labelled_pieces_are_the_solution_and_the_end() {
    const TemplateSpec spec;
    const auto tokenizer = ui::tokenizer_for(spec);
    QVERIFY(tokenizer.has_value());
    const auto text = ui::example_text(spec, **tokenizer, a_row("It broke.", "We mend it."), 0);
    QVERIFY(text.has_value());
    QCOMPARE(joined(*text, true), QStringLiteral(" We mend it.<|endoftext|>"));
    QVERIFY(text->pieces.back().special);
    TemplateSpec all = spec;
    all.labels = LabelRule::ProblemToo;
    const auto everything = ui::example_text(all, **tokenizer, a_row("It broke.", "We mend it."), 0);
    QCOMPARE(joined(*everything, true), joined(*everything, false));
}

void TestDataModels::pieces_join_to_the_whole_text_even_across_tokens() {
    const TemplateSpec spec;
    const auto tokenizer = ui::tokenizer_for(spec);
    const auto text = ui::example_text(spec, **tokenizer, a_row("größe 🧪 数", "naïve 🙂"), 0);
    QVERIFY(text.has_value());
    QCOMPARE(joined(*text, false), QStringLiteral("Problem: größe 🧪 数\nSolution: naïve 🙂<|endoftext|>"));
}

void TestDataModels::what_is_cut_is_marked_on_the_side_it_is_cut_from() {
    TemplateSpec spec;
    const auto tokenizer = ui::tokenizer_for(spec);
    const Row row = a_row("one two three four", "five six seven eight");
    const auto right = ui::example_text(spec, **tokenizer, row, 6);
    QVERIFY(right.has_value());
    QCOMPARE(right->tokens, std::size_t{6});
    QVERIFY(!right->pieces.front().cut);
    QVERIFY(right->pieces.back().cut);
    spec.truncation_side = TruncationSide::Left;
    const auto left = ui::example_text(spec, **tokenizer, row, 6);
    QVERIFY(left->pieces.front().cut);
    QVERIFY(!left->pieces.back().cut);
}

void TestDataModels::lengths_stop_when_cancelled() {
    const TemplateSpec spec;
    const auto tokenizer = ui::tokenizer_for(spec);
    const CancellationToken cancelled;
    const std::vector<Row> rows{a_row("a", "b")};
    QCOMPARE(ui::example_lengths(spec, **tokenizer, rows, cancelled)->size(), std::size_t{1});
    cancelled.cancel();
    QCOMPARE(ui::example_lengths(spec, **tokenizer, rows, cancelled).error().kind, ErrorKind::Cancelled);
}

void TestDataModels::the_histogram_counts_the_rows_that_are_cut() {
    ui::LengthHistogram histogram;
    histogram.set_lengths({30, 10, 20, 40});
    histogram.set_limit(20);
    QCOMPARE(histogram.rows_cut(), 2);
    QCOMPARE(histogram.longest(), 40);
    histogram.set_limit(40);
    QCOMPARE(histogram.rows_cut(), 0);
    QVERIFY(show_window(histogram, {480, 170}));
    QSignalSpy dragged(&histogram, &ui::LengthHistogram::limit_dragged);
    QTest::mouseClick(&histogram, Qt::LeftButton, {}, QPoint(200, 80));
    QCOMPARE(dragged.size(), 1);
    QVERIFY(histogram.limit() < 40);
    QVERIFY(histogram.rows_cut() > 0);
}

void TestDataModels::a_table_is_exported_as_csv_with_quotes_where_needed() {
    QStandardItemModel model(1, 2);
    model.setHorizontalHeaderLabels({QStringLiteral("a"), QStringLiteral("b,c")});
    model.setData(model.index(0, 0), QStringLiteral("say \"hi\""));
    model.setData(model.index(0, 1), QStringLiteral("plain"));
    QCOMPARE(ui::table_as_csv(model), QStringLiteral("a,\"b,c\"\r\n\"say \"\"hi\"\"\",plain\r\n"));
}

}  // namespace lossmith::test

#include "moc_test_data_models.cpp"
