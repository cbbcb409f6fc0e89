// The page Tokens in the real window against the real engine and the shipped complaints: rows, batches, rules, labels by hand.
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QUndoStack>
#include <fstream>

#include "app/lossmith/Pages.h"
#include "core/base/Resources.h"
#include "core/data/Import.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestProject.h"
#include "tests/support/TestWindow.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/tokens/SharesBar.h"
#include "ui/tokens/TokensPage.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Theme.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

constexpr int patience = 60'000;  // for what the engine computes; nothing waits that long on its own

struct Bench {
    explicit Bench(const std::filesystem::path& project) : window(engine, theme, recent, app::page_entries(engine, recent)) {
        fail_on_qt_warnings();
        if (!show_window(window) || !window.open_project(QString::fromStdString(project.string()))) return;
        window.show_page(QStringLiteral("tokens"));
        page = qobject_cast<ui::TokensPage*>(window.page(QStringLiteral("tokens")));
        if (page != nullptr && !QTest::qWaitFor([this] { return page->is_ready(); }, patience)) page = nullptr;
    }
    [[nodiscard]] std::size_t labelled() const {
        std::size_t count = 0;
        for (const auto& section : page->view()->sections())
            for (const ExampleToken& token : section.view.tokens) count += token.labelled ? 1 : 0;
        return count;
    }

    ui::Theme theme{*qApp};
    EngineClient engine{QStringLiteral(LOSSMITH_BIN "/lossmith-cli")};
    ui::RecentProjects recent;
    ui::MainWindow window;
    ui::TokensPage* page = nullptr;  ///< null: it did not come up
};

std::string first_complaints(int rows) {
    std::ifstream file(*resource("samples/complaints.csv"));
    std::string text;
    std::string line;
    for (int i = 0; i <= rows && std::getline(file, line); ++i) text += line + "\n";
    return text;
}

}  // namespace

class TokensPageTest : public QObject {
    Q_OBJECT

    TestProject m_project;

private Q_SLOTS:
    void initTestCase() { m_project.import_csv(first_complaints(60)); }

    void without_rows_it_leads_to_where_they_are_imported() {
        TestProject empty;
        Bench bench(empty.path());
        QVERIFY(bench.page != nullptr);
        auto* state = bench.page->findChild<ui::EmptyState*>();
        QTRY_VERIFY(state->isVisible());
        click(state->findChild<QPushButton*>());
        QCOMPARE(bench.window.current_page_name(), QStringLiteral("data"));
    }

    void no_page_asks_for_more_room_than_a_small_laptop_has() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        for (const ui::PageEntry& entry : bench.window.pages()) {
            bench.window.show_page(entry.name);
            ui::Page* page = bench.window.page(entry.name);
            QVERIFY(page != nullptr);
            QTRY_VERIFY_WITH_TIMEOUT(page->is_ready(), patience);
            constexpr int laptop = 1366;
            const int wanted = bench.window.minimumSizeHint().width();
            QVERIFY2(wanted <= laptop, qPrintable(QStringLiteral("%1: %2 pixels").arg(entry.name).arg(wanted)));
        }
    }

    void a_row_is_shown_as_it_is_fed_and_the_keyboard_moves_through_it() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        ui::TokenView* view = bench.page->view();
        const Row row = *m_project.project().data().row(1);
        const auto tokenizer = *Tokenizer::gpt2();
        const Example example = *encode_example(TemplateSpec{}, *tokenizer, row.problem, row.solution, 1024);
        QCOMPARE(view->token_count(), static_cast<int>(example.input_ids.size()));
        for (int i = 0; i < view->token_count(); ++i) {
            QCOMPARE(view->token_at(i).id, example.input_ids[static_cast<std::size_t>(i)]);
            QCOMPARE(view->token_at(i).labelled, example.labels[static_cast<std::size_t>(i)] != ignore_index);
        }
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->rectangle_of(2).center());
        QCOMPARE(view->current(), 2);
        QTest::keyClick(view, Qt::Key_Right);
        QCOMPARE(view->current(), 3);
        QTest::keyClick(view, Qt::Key_Down);
        QVERIFY(view->current() > 3);
        QTest::keyClick(view, Qt::Key_End);
        QCOMPARE(view->current(), view->token_count() - 1);

        auto* find = child<QLineEdit>(*bench.page, "find");
        find->setFocus();
        QTest::keyClicks(find, QStringLiteral("umbrella"));
        QTest::keyClick(find, Qt::Key_Return);
        QTRY_VERIFY(QString::fromStdString(view->sections().front().view.text).contains(QStringLiteral("umbrella")));
    }

    void a_rule_changes_the_row_and_the_shares_at_once_and_is_kept_only_when_wanted() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        ui::TokensPage& page = *bench.page;
        const std::size_t before = bench.labelled();
        const std::int64_t all = page.shares()->shares()->labelled;
        auto* rule = child<QComboBox>(page, "label_rule");
        rule->setFocus();
        for (int i = 0; i < 3; ++i) QTest::keyClick(rule, Qt::Key_Down);
        QCOMPARE(rule->currentText(), QStringLiteral("the last tokens"));
        auto* count = child<QSpinBox>(page, "label_tokens");
        QTRY_VERIFY(count->isVisible());
        count->setFocus();
        count->selectAll();
        QTest::keyClicks(count, QStringLiteral("3\t"));
        QTRY_COMPARE(bench.labelled(), std::size_t{3});
        QTRY_VERIFY(page.shares()->shares() && page.shares()->shares()->labelled == 3 * page.shares()->shares()->rows);
        QCOMPARE(m_project.project().templates().current()->labels, LabelRule::SolutionOnly);

        click(child<QPushButton>(page, "use_rule"));
        QTRY_COMPARE(m_project.project().templates().current()->labels, LabelRule::LastTokens);
        page.undo_stack()->undo();
        QTRY_COMPARE(m_project.project().templates().current()->labels, LabelRule::SolutionOnly);
        QTRY_COMPARE(bench.labelled(), before);
        QTRY_VERIFY(page.shares()->shares() && page.shares()->shares()->labelled == all);
    }

    void labels_by_hand_are_kept_in_the_project_and_undone() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        ui::TokensPage& page = *bench.page;
        ui::TokenView* view = page.view();
        const std::size_t before = bench.labelled();
        int first = 0;
        while (!view->token_at(first).labelled) ++first;
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->rectangle_of(first).center());
        QTest::keyClick(view, Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(view, Qt::Key_U);
        QTRY_COMPARE(bench.labelled(), before - 2);
        QTRY_COMPARE(m_project.project().data().labels_by_hand()->size(), std::size_t{1});
        page.undo_stack()->undo();
        QTRY_COMPARE(bench.labelled(), before);
        QTRY_VERIFY(m_project.project().data().labels_by_hand()->empty());
        page.undo_stack()->redo();
        QTRY_COMPARE(bench.labelled(), before - 2);
        QTest::keyClick(view, Qt::Key_Delete);
        QTRY_COMPARE(bench.labelled(), before);
    }

    void the_batches_of_the_plan_are_padded_as_they_are_fed() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        bench.page->show_step(1);
        QTRY_COMPARE_WITH_TIMEOUT(bench.page->view()->sections().size(), std::size_t{8}, patience);
        const auto fed = [](const ui::TokenSection& section) {
            return std::ranges::count(section.view.tokens, false, &ExampleToken::truncated);
        };
        const auto longest = fed(bench.page->view()->sections().front());
        bool padded = false;
        for (const ui::TokenSection& section : bench.page->view()->sections()) {
            QCOMPARE(fed(section), longest);
            padded = padded || section.view.tokens.back().kind == TokenKind::Padding;
        }
        QVERIFY(padded);
        const std::int64_t first_row = bench.page->view()->sections().front().row;
        auto* step = child<QSpinBox>(*bench.page, "index");
        step->setFocus();
        QTest::keyClick(step, Qt::Key_Up);
        QTRY_VERIFY_WITH_TIMEOUT(bench.page->view()->sections().front().row != first_row, patience);
    }

    void special_tokens_are_added_given_a_role_and_measured() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        auto* name = child<QLineEdit>(*bench.page, "special_name");
        name->setFocus();
        QTest::keyClicks(name, QStringLiteral("<|reply|>"));
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_COMPARE(m_project.project().templates().current()->added_tokens, std::vector<std::string>{"<|reply|>"});
        auto* table = child<QTableWidget>(*bench.page, "special_tokens");
        QTRY_COMPARE(table->rowCount(), 2);
        click(child<QPushButton>(*bench.page, "special_look"));
        QTRY_VERIFY_WITH_TIMEOUT(table->item(1, 0) != nullptr && table->item(1, 0)->text() == QStringLiteral("50257"), patience);
        QVERIFY(!table->item(1, 3)->text().isEmpty());
        bench.page->undo_stack()->undo();
        QTRY_VERIFY(m_project.project().templates().current()->added_tokens.empty());
    }

    void typed_text_and_a_hundred_thousand_tokens_are_laid_out() {
        Bench bench(m_project.path());
        QVERIFY(bench.page != nullptr);
        bench.page->show_source(ui::TokensPage::Typed);
        auto* problem = child<QPlainTextEdit>(*bench.page, "typed_problem");
        problem->setFocus();
        QTest::keyClicks(problem, QStringLiteral("My lamp is late."));
        QTRY_VERIFY(QString::fromStdString(bench.page->view()->sections().front().view.text).contains(QStringLiteral("My lamp is late.")));

        ui::TokenSection section;
        const std::vector<TokenId> ids = (*Tokenizer::gpt2())->encode(first_complaints(60));
        for (std::size_t i = 0; i < 100'000; ++i) section.view.tokens.push_back({ids[i % ids.size()], 0, 0, TokenKind::Prompt, i % 3 == 0});
        bench.page->view()->set_sections({section}, *Tokenizer::gpt2());
        QCOMPARE(bench.page->view()->token_count(), 100'000);
        bench.page->view()->verticalScrollBar()->setValue(bench.page->view()->verticalScrollBar()->maximum());
        QVERIFY(bench.page->view()->viewport()->rect().intersects(bench.page->view()->rectangle_of(99'999)));
    }
};

int main(int argc, char** argv) {
    return run_window_tests<TokensPageTest>(argc, argv);
}
#include "TokensPageTest.moc"
