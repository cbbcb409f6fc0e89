// The data page over real files.
#include "tests/ui/data/test_data_page.h"

#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSlider>
#include <QTabWidget>
#include <QTableView>
#include <QTextEdit>

#include "core/project/TemplateStore.h"
#include "tests/support/TestProject.h"
#include "tests/support/TestWindow.h"
#include "ui/data/DataPage.h"
#include "ui/data/RowsModel.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"

namespace lossmith::test {

namespace {

/// The page on show with a project, and its inspector beside it.
struct Fixture {
    TestProject file;
    std::unique_ptr<ui::ProjectSession> session;
    QWidget window;
    ui::DataPage* page = nullptr;

    void show() {
        session = std::move(ui::ProjectSession::open(file.path(), false)).value();
        auto* layout = new QHBoxLayout(&window);
        page = new ui::DataPage(nullptr);
        layout->addWidget(page, 1);
        layout->addWidget(page->inspector());
        page->inspector()->show();
        page->set_project(session.get());
        QVERIFY(show_window(window));
    }
    ~Fixture() { delete page; }

    void open(const std::filesystem::path& path) const { page->open_file(QString::fromStdString(path.string())); }
    [[nodiscard]] QTableView* preview() const { return child<QTableView>(window, "import_table"); }
    [[nodiscard]] QString preview_cell(int row, int column) const { return preview()->model()->index(row, column).data().toString(); }
    [[nodiscard]] std::int64_t rows(std::optional<Split> split = {}) { return file.project().data().count(split).value_or(-1); }
    void show_tab(int index) const { child<QTabWidget>(window, "data_tabs")->setCurrentIndex(index); }
    [[nodiscard]] QString error() const {
        for (const auto* banner : window.findChildren<ui::ErrorBanner*>())
            if (banner->isVisible()) return banner->text();
        return {};
    }
};

/// Opens the list of a combo box and picks the entry with the keyboard, as a person does.
void pick(QComboBox* box, int index) {
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    for (int step = 0; step < index; ++step) QTest::keyClick(box, Qt::Key_Down);
    QCOMPARE(box->currentIndex(), index);
}

void replace_text(QPlainTextEdit* edit, const QString& text) {
    edit->setFocus();
    QTest::keySequence(edit, QKeySequence::SelectAll);
    QTest::keyClicks(edit, text);
}

}  // namespace

void TestDataPage::init() {
    fail_on_qt_warnings();
}

void TestDataPage::without_a_project_it_says_what_to_do() {
    ui::DataPage page(nullptr);
    page.set_project(nullptr);
    QVERIFY(show_window(page));
    const auto states = page.findChildren<ui::EmptyState*>();
    QCOMPARE(std::count_if(states.begin(), states.end(), [](const auto* state) { return state->isVisible(); }), 1);
    QVERIFY(page.is_ready());
}

void TestDataPage::an_opened_file_is_shown_raw_and_parsed_and_said_how_it_was_read() {
    Fixture fixture;
    fixture.show();
    fixture.open(fixture.file.write("q.csv", "question;answer\n\"a;b\";yes\nsecond;no\n"));
    QTRY_COMPARE(fixture.preview()->model()->rowCount(), 2);
    QCOMPARE(fixture.preview_cell(0, 0), QStringLiteral("a;b"));
    QCOMPARE(fixture.preview_cell(0, 1), QStringLiteral("yes"));
    QVERIFY(child<QPlainTextEdit>(fixture.window, "import_raw")->toPlainText().contains(QStringLiteral("\"a;b\";yes")));
    QVERIFY(!child<QLabel>(fixture.window, "import_notes")->text().isEmpty());
    QCOMPARE(child<QComboBox>(fixture.window, "import_delimiter")->currentIndex(), 1);
}

void TestDataPage::another_delimiter_reads_the_file_again() {
    Fixture fixture;
    fixture.show();
    fixture.open(fixture.file.write("q.csv", "question,answer,topic;kind\na;b,yes,one\nc;d,no,two\ne;f,no,three\n"));
    QTRY_COMPARE(fixture.preview_cell(0, 0), QStringLiteral("a;b"));
    pick(child<QComboBox>(fixture.window, "import_delimiter"), 1);
    QTRY_COMPARE(fixture.preview_cell(1, 0), QStringLiteral("a"));
    QCOMPARE(fixture.preview_cell(1, 1), QStringLiteral("b,yes,one"));
}

void TestDataPage::other_columns_can_be_chosen() {
    Fixture fixture;
    fixture.show();
    fixture.open(fixture.file.write("q.csv", "problem,solution,note\np,s,n\n"));
    QTRY_COMPARE(fixture.preview()->model()->rowCount(), 1);
    auto* solution = child<QComboBox>(fixture.window, "import_solution");
    pick(solution, 2);
    const auto header = [&fixture](int column) { return fixture.preview()->model()->headerData(column, Qt::Horizontal).toString(); };
    QTRY_VERIFY(header(2).contains(QStringLiteral("solution")));
    click(child<QPushButton>(fixture.window, "import_button"));
    QTRY_COMPARE(fixture.rows(), 1);
    QCOMPARE(fixture.file.project().data().rows().value().front().solution, "n");
}

void TestDataPage::import_brings_the_rows_in_and_shows_them() {
    Fixture fixture;
    fixture.show();
    QSignalSpy messages(fixture.page, &ui::Page::status_message);
    fixture.open(fixture.file.write("many.csv", numbered_csv(300)));
    QTRY_VERIFY(fixture.page->is_ready());
    click(child<QPushButton>(fixture.window, "import_button"));
    auto* table = child<QTableView>(fixture.window, "rows_table");
    QTRY_COMPARE(table->model()->rowCount(), 300);
    QTRY_COMPARE(table->model()->index(0, ui::RowsModel::ProblemColumn).data().toString(), QStringLiteral("problem 1"));
    QVERIFY(table->isVisible());
    QVERIFY(messages.front().front().toString().contains(QStringLiteral("300")));
    QTRY_VERIFY(fixture.page->is_ready());
}

void TestDataPage::rows_can_go_to_one_split_only() {
    Fixture fixture;
    fixture.show();
    fixture.open(fixture.file.write("held.csv", numbered_csv(30)));
    QTRY_VERIFY(fixture.page->is_ready());
    pick(child<QComboBox>(fixture.window, "import_split"), 3);
    click(child<QPushButton>(fixture.window, "import_button"));
    QTRY_COMPARE(fixture.rows(Split::Test), 30);
    QCOMPARE(fixture.rows(), 30);
}

void TestDataPage::a_file_that_cannot_be_read_says_why_beside_it() {
    Fixture fixture;
    fixture.show();
    fixture.open(fixture.file.folder() / "gone.csv");
    QTRY_VERIFY(!fixture.error().isEmpty());
    QVERIFY(!child<QPushButton>(fixture.window, "import_button")->isEnabled());
}

void TestDataPage::the_chosen_row_is_shown_whole_in_the_inspector() {
    Fixture fixture;
    fixture.file.import_csv("problem,solution\n\"two\nlines\",done\n");
    fixture.show();
    auto* table = child<QTableView>(fixture.window, "rows_table");
    QTRY_COMPARE(table->model()->index(0, ui::RowsModel::ProblemColumn).data().toString(), QStringLiteral("two⏎lines"));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(0, 2)).center());
    auto* problem = child<QLabel>(fixture.window, "row_problem");
    QTRY_COMPARE(problem->text(), QStringLiteral("two\nlines"));
    QVERIFY(problem->isVisible());
}

void TestDataPage::a_set_aside_row_is_mended() {
    Fixture fixture;
    fixture.file.import_csv("problem,solution\na,1\nbroken,2,3\n");
    fixture.show();
    fixture.show_tab(1);
    auto* table = child<QTableView>(fixture.window, "aside_table");
    QTRY_COMPARE(table->model()->rowCount(), 1);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(0, 1)).center());
    auto* mend = child<QPushButton>(fixture.window, "mend_button");
    QTRY_VERIFY(mend->isVisible());
    QVERIFY(!mend->isEnabled());
    replace_text(child<QPlainTextEdit>(fixture.window, "mend_problem"), QStringLiteral("whole"));
    replace_text(child<QPlainTextEdit>(fixture.window, "mend_solution"), QStringLiteral("again"));
    click(mend);
    QTRY_COMPARE(fixture.rows(), 2);
    QTRY_COMPARE(table->model()->rowCount(), 0);
    QCOMPARE(fixture.file.project().data().rows().value().back().solution, "again");
}

void TestDataPage::moving_the_slider_moves_rows_to_validation() {
    Fixture fixture;
    fixture.file.import_rows(400);
    const std::int64_t before = fixture.rows(Split::Validation);
    fixture.show();
    auto* slider = child<QSlider>(fixture.window, "split_validation");
    QTRY_COMPARE(slider->value(), 10);
    slider->setFocus();
    for (int press = 0; press < 6; ++press) QTest::keyClick(slider, Qt::Key_PageUp);
    QTRY_COMPARE(fixture.file.project().data().split_config()->validation, 0.4);
    QVERIFY(fixture.rows(Split::Validation) > before * 2);
    QCOMPARE(fixture.rows(), 400);
}

void TestDataPage::an_edit_of_the_template_is_shown_saved_and_undone() {
    Fixture fixture;
    fixture.file.import_csv("problem,solution\nIt broke.,We mend it.\n", Split::Train);
    fixture.show();
    fixture.show_tab(2);
    auto* preview = child<QTextEdit>(fixture.window, "example_preview");
    QTRY_VERIFY(preview->toPlainText().contains(QStringLiteral("Problem: It broke.")));
    auto* prompt = child<QPlainTextEdit>(fixture.window, "template_prompt");
    QCOMPARE(prompt->toPlainText(), QString::fromStdString(TemplateSpec().prompt));
    replace_text(prompt, QStringLiteral("Q: {problem} A:"));
    QTRY_VERIFY(preview->toPlainText().contains(QStringLiteral("Q: It broke. A: We mend it.")));
    QTRY_COMPARE(fixture.file.project().templates().current()->prompt, "Q: {problem} A:");
    QTest::keySequence(prompt, QKeySequence::Undo);
    QCOMPARE(prompt->toPlainText(), QString::fromStdString(TemplateSpec().prompt));
    QTRY_COMPARE(fixture.file.project().templates().current()->prompt, TemplateSpec().prompt);
    QTest::keySequence(prompt, QKeySequence::Redo);
    QCOMPARE(prompt->toPlainText(), QStringLiteral("Q: {problem} A:"));
}

void TestDataPage::a_template_without_its_placeholder_is_refused_in_words() {
    Fixture fixture;
    fixture.file.import_csv("problem,solution\na,b\n", Split::Train);
    fixture.show();
    fixture.show_tab(2);
    auto* preview = child<QTextEdit>(fixture.window, "example_preview");
    QTRY_VERIFY(preview->toPlainText().contains(QStringLiteral("Problem: a")));
    replace_text(child<QPlainTextEdit>(fixture.window, "template_prompt"), QStringLiteral("no place"));
    QTRY_VERIFY(fixture.error().contains(QStringLiteral("{problem}")));
    QCOMPARE(fixture.file.project().templates().current()->prompt, TemplateSpec().prompt);
}

void TestDataPage::one_row_and_one_file_are_said_so() {
    Fixture fixture;
    fixture.file.import_csv("problem,solution\na,b\n", Split::Train);
    fixture.show();
    const auto says = [&fixture](const QString& summary) {
        const auto labels = fixture.window.findChildren<QLabel*>(QStringLiteral("page_summary"));
        return std::ranges::any_of(labels, [&summary](const QLabel* label) { return label->text() == summary; });
    };
    QTRY_VERIFY(says(QStringLiteral("1 row · 0 set aside · 1 file")));
}

void TestDataPage::what_another_window_brings_in_appears() {
    Fixture fixture;
    fixture.show();
    QTRY_VERIFY(fixture.page->is_ready());
    fixture.file.import_rows(7);
    QTRY_COMPARE(child<QTableView>(fixture.window, "rows_table")->model()->rowCount(), 7);
}

}  // namespace lossmith::test

#include "moc_test_data_page.cpp"
