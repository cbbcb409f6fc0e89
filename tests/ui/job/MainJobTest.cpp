// The whole job in the real window against the real engine: import, train, stop, resume, compare, ask the playground.
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <algorithm>
#include <fstream>

#include "app/lossmith/Pages.h"
#include "core/project/MetricStore.h"
#include "core/project/ModelStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "ui/charts/CurveChart.h"
#include "ui/loss/LossEditor.h"
#include "ui/loss/LossPage.h"
#include "ui/loss/SumDialog.h"
#include "ui/loss/VerdictCard.h"
#include "ui/playground/AlternativesPopup.h"
#include "ui/playground/TokenTextView.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/train/TrainPage.h"
#include "ui/widgets/Theme.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

constexpr int patience = 60'000;  // for what the engine computes; nothing waits that long on its own

QString cli() {
    return QStringLiteral(LOSSMITH_BIN "/lossmith-cli");
}

void type_into(QLineEdit* edit, const QString& text) {
    edit->setFocus();
    QTest::keySequence(edit, QKeySequence::SelectAll);
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Tab);
}

void choose_tiny_model(const QWidget& train) {
    auto* model = child<QComboBox>(train, "model");
    QTRY_VERIFY(model->findText(QStringLiteral("tiny")) >= 0);
    if (model->isEditable()) {
        type_into(model->lineEdit(), QStringLiteral("tiny"));
    } else {
        model->setFocus();
        QTest::keyClicks(model, QStringLiteral("tiny"));
    }
}

/// The window over the real engine, its project open on the page Loss.
struct LossBench {
    explicit LossBench(const QString& project) : window(engine, theme, recent, app::page_entries(engine, recent)) {
        fail_on_qt_warnings();
        if (!show_window(window) || !window.open_project(project)) return;
        window.show_page(QStringLiteral("loss"));
        page = qobject_cast<ui::LossPage*>(window.page(QStringLiteral("loss")));
        if (page == nullptr || !QTest::qWaitFor([this] { return page->is_ready(); }, patience)) page = nullptr;
    }
    [[nodiscard]] bool begin_own_loss() const {
        const std::size_t before = page->own_losses().size();
        page->new_loss();
        return QTest::qWaitFor([this, before] { return page->own_losses().size() == before + 1 && page->is_ready(); }, patience);
    }

    ui::Theme theme{*qApp};
    EngineClient engine{cli()};
    ui::RecentProjects recent;
    ui::MainWindow window;
    ui::LossPage* page = nullptr;  ///< null: it did not come up
};

}  // namespace

class MainJobTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project = m_folder.filePath(QStringLiteral("job.lossmith"));
    QString m_csv = m_folder.filePath(QStringLiteral("tickets.csv"));
    QString m_model = m_folder.filePath(QStringLiteral("tiny"));

    [[nodiscard]] Run run(std::int64_t id) const {
        const auto project = Project::open(m_project.toStdString());
        const auto found = (*project)->runs().run(id);
        return found ? *found : Run{};
    }

private Q_SLOTS:
    void initTestCase() {
        std::ofstream csv(m_csv.toStdString());
        csv << "ticket;answer\n";
        for (int i = 0; i < 60; ++i) csv << "Door " << i << " does not open.;Please push door " << i << ".\n";
        csv.close();
        QCOMPARE(QProcess::execute(cli(), {QStringLiteral("new-model"), m_model, QStringLiteral("--n_embd"), QStringLiteral("16"),
                                           QStringLiteral("--n_layer"), QStringLiteral("1"), QStringLiteral("--n_head"),
                                           QStringLiteral("2"), QStringLiteral("--n_positions"), QStringLiteral("64")}),
                 0);
    }

    void the_whole_job_by_mouse_and_keyboard() {
        fail_on_qt_warnings();
        ui::Theme theme(*qApp);
        EngineClient engine(cli());
        ui::RecentProjects recent;
        ui::MainWindow window(engine, theme, recent, app::page_entries(engine, recent));
        QVERIFY(show_window(window));

        // A project, and a CSV dropped on it: what was guessed is on show, the columns are mapped by hand.
        QVERIFY(window.make_project(m_project));
        {
            const auto project = Project::open(m_project.toStdString());
            QVERIFY((*project)->models().add("tiny", m_model.toStdString()).has_value());
        }
        window.open_dropped(m_csv);
        QCOMPARE(window.current_page_name(), QStringLiteral("data"));
        auto* problem = child<QComboBox>(window, "import_problem");
        auto* solution = child<QComboBox>(window, "import_solution");
        QTRY_COMPARE(problem->count() >= 2, true);
        problem->setFocus();
        QTest::keyClicks(problem, QStringLiteral("ticket"));
        solution->setFocus();
        QTest::keyClicks(solution, QStringLiteral("answer"));
        auto* import_button = child<QPushButton>(window, "import_button");
        QTRY_VERIFY(import_button->isEnabled());
        click(import_button);
        QTRY_VERIFY(child<QTableView>(window, "rows_table")->model()->rowCount() > 0);

        // Train: the small model, a few hundred steps, and the curve grows while it runs.
        window.show_page(QStringLiteral("train"));
        auto* train = qobject_cast<ui::TrainPage*>(window.page(QStringLiteral("train")));
        QVERIFY(train != nullptr);
        train->set_run_program(cli());
        choose_tiny_model(*train);
        type_into(child<QLineEdit>(*train, "learning_rate"), QStringLiteral("0.002"));
        type_into(child<QLineEdit>(*train, "max_steps"), QStringLiteral("3000"));
        auto* start = child<QPushButton>(*train, "start");
        QTRY_VERIFY(start->isEnabled());
        click(start);
        auto* chart = child<ui::CurveChart>(*train, "loss_chart");
        QTRY_VERIFY_WITH_TIMEOUT(chart->point_count(QStringLiteral("train/loss")) > 5, patience);
        const auto before = chart->point_count(QStringLiteral("train/loss"));
        QTRY_VERIFY_WITH_TIMEOUT(chart->point_count(QStringLiteral("train/loss")) > before, patience);

        // Stop, and resume from where it was.
        click(child<QPushButton>(*train, "stop"));
        QTRY_COMPARE_WITH_TIMEOUT(run(1).status, RunStatus::Stopped, patience);
        const std::int64_t stopped_at = run(1).step;
        auto* resume = child<QPushButton>(*train, "resume");
        QTRY_VERIFY_WITH_TIMEOUT(resume->isVisible() && resume->isEnabled(), patience);
        click(resume);
        QTRY_VERIFY_WITH_TIMEOUT(run(1).step > stopped_at, patience);
        click(child<QPushButton>(*train, "stop"));
        QTRY_COMPARE_WITH_TIMEOUT(run(1).status, RunStatus::Stopped, patience);

        // Compare: base and tuned write, row by row.
        window.show_page(QStringLiteral("compare"));
        auto* compare = window.page(QStringLiteral("compare"));
        auto* compare_generate = child<QPushButton>(*compare, "generate");
        QTRY_VERIFY_WITH_TIMEOUT(compare_generate->isEnabled(), patience);
        click(compare_generate);
        auto* table = child<QTableView>(*compare, "comparison_table");
        const auto written = [table] {
            const auto* rows = table->model();
            for (int row = 0; row < rows->rowCount(); ++row)
                for (const int column : {1, 2})
                    if (rows->index(row, column).data().toString().isEmpty()) return false;
            return rows->rowCount() > 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(written(), patience);

        // Playground: a question, an answer.
        window.show_page(QStringLiteral("playground"));
        auto* playground = window.page(QStringLiteral("playground"));
        auto* prompt = child<QPlainTextEdit>(*playground, "prompt");
        prompt->setFocus();
        QTest::keyClicks(prompt, QStringLiteral("Door 7 does not open."));
        auto* ask = child<QPushButton>(*playground, "generate");
        QTRY_VERIFY_WITH_TIMEOUT(ask->isEnabled(), patience);
        click(ask);
        auto* history = child<QTableView>(*playground, "history");
        QTRY_VERIFY_WITH_TIMEOUT(history->model()->rowCount() > 0, patience);
        // The line comes again to the token; so does a branch from its third token, and the branch once more.
        const auto writes_again = [&] {
            const int lines_before = history->model()->rowCount();
            history->selectRow(0);
            QSignalSpy told(playground, SIGNAL(status_message(QString)));
            click(child<QPushButton>(*playground, "write_again"));
            return QTest::qWaitFor([&] { return history->model()->rowCount() > lines_before && !told.isEmpty(); }, patience) &&
                   told.front().front().toString() == QStringLiteral("The same tokens came again.");
        };
        QVERIFY(writes_again());
        auto* answer = child<ui::TokenTextView>(*playground, "tuned_text");
        QVERIFY(answer->tokens().size() > 3);
        QTest::mouseClick(answer->viewport(), Qt::LeftButton, {}, answer->rectangle_of(2).center());
        auto* alternatives = playground->findChild<ui::AlternativesPopup*>()->findChild<QListWidget*>();
        const int lines = history->model()->rowCount();
        QTest::mouseClick(alternatives->viewport(), Qt::LeftButton, {}, alternatives->visualItemRect(alternatives->item(1)).center());
        QTRY_VERIFY_WITH_TIMEOUT(history->model()->rowCount() > lines, patience);
        QVERIFY(answer->tokens()[2].forced);
        QVERIFY(writes_again());

        // And the table of runs knows it.
        window.show_page(QStringLiteral("runs"));
        QTRY_COMPARE(child<QTableView>(*window.page(QStringLiteral("runs")), "runs")->model()->rowCount(), 1);
    }

    void a_loss_of_ones_own_from_typing_to_its_curves() {
        LossBench bench(m_project);
        QVERIFY(bench.page != nullptr);
        ui::MainWindow& window = bench.window;
        ui::LossPage* const page = bench.page;
        QVERIFY(bench.begin_own_loss());
        const auto type = [page](const QString& text) {
            for (const QChar letter : text) QTest::keyClick(page->editor()->code(), letter.toLatin1());
        };
        const auto headline = [page] { return page->verdict()->headline(); };

        // A wrong name, its line and what was meant; then mended.
        page->editor()->replace_text(QStringLiteral("def loss(logits, labels):\n    guess = "));
        page->editor()->set_caret(2, 13);
        type(QStringLiteral("lgits.argmax(-1)"));
        QTRY_VERIFY_WITH_TIMEOUT(page->editor()->is_tinted(2) && page->verdict()->reason().contains(QStringLiteral("logits")), patience);
        page->editor()->set_caret(2, 14);
        type(QStringLiteral("o"));
        // It runs, and its gradient is cut.
        page->editor()->set_caret(2, 30);
        QTest::keyClick(page->editor()->code(), Qt::Key_Return);  // the next line begins below it
        type(QStringLiteral("return (guess != labels).float().mean()"));
        QTRY_COMPARE_WITH_TIMEOUT(headline(), QStringLiteral("Gradient stops at line 2, argmax."), patience);
        QVERIFY(page->editor()->is_tinted(2));
        // A way out of it, by its button.
        const auto rewrites = page->verdict()->findChildren<QPushButton*>(QStringLiteral("rewrite"));
        QVERIFY(rewrites.size() >= 3);
        click(rewrites.at(0));
        QTRY_COMPARE_WITH_TIMEOUT(headline(), QStringLiteral("Gradient flows."), patience);
        // With named parts, into a run.
        page->editor()->replace_text(
            QStringLiteral("def loss(logits, labels, weight: float = 0.1):\n    keep = labels != -100\n"
                           "    log_p = F.log_softmax(logits[keep], dim=-1)\n"
                           "    entropy = -(log_p.exp() * log_p).sum(-1).mean()\n"
                           "    return {'nll': F.nll_loss(log_p, labels[keep]), 'doubt': -weight * entropy}\n"));
        auto* use = child<QPushButton>(*page, "use_in_a_run");
        QTRY_VERIFY_WITH_TIMEOUT(page->is_ready() && headline() == QStringLiteral("Gradient flows.") && use->isEnabled(), patience);
        click(use);
        QCOMPARE(window.current_page_name(), QStringLiteral("train"));
        auto* train = qobject_cast<ui::TrainPage*>(window.page(QStringLiteral("train")));
        train->set_run_program(cli());
        choose_tiny_model(*train);
        type_into(child<QLineEdit>(*train, "max_steps"), QStringLiteral("40"));
        auto* start = child<QPushButton>(*train, "start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), patience);
        click(start);
        QTRY_COMPARE_WITH_TIMEOUT(run(2).status, RunStatus::Finished, patience);
        QVERIFY(run(2).config.loss.source.find("doubt") != std::string::npos);
        const auto project = Project::open(m_project.toStdString());
        for (const char* part : {"loss/nll", "loss/doubt"}) {
            const auto metrics = (*project)->metrics().read(2, part);
            QVERIFY(metrics.has_value() && metrics->size() == 40U);
        }
        const auto charts = train->findChildren<ui::CurveChart*>();
        const auto drawn = [&charts](const char* curve) {
            return std::ranges::any_of(charts, [&](ui::CurveChart* chart) { return chart->point_count(QString::fromLatin1(curve)) > 10; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(drawn("loss/nll") && drawn("loss/doubt"), patience);
    }

    void losses_are_put_together_by_a_few_clicks() {
        LossBench bench(m_project);
        QVERIFY(bench.page != nullptr);
        ui::LossPage* const page = bench.page;
        const std::size_t before = page->own_losses().size();
        click(page->findChild<QWidget*>(QStringLiteral("sum_losses")));
        auto* dialog = page->findChild<ui::SumDialog*>();
        QTRY_VERIFY(dialog != nullptr && dialog->isVisible());
        QCOMPARE(dialog->term_count(), 2);
        click(child<QPushButton>(*dialog, "add_term"));
        QCOMPARE(dialog->term_count(), 3);
        // The pull to the base grows over the run.
        dialog->findChildren<QComboBox*>().at(3)->setCurrentIndex(1);
        dialog->findChildren<QDoubleSpinBox*>().at(3)->setValue(0.5);
        QVERIFY2(child<QLabel>(*dialog, "formula")->text().contains(QStringLiteral("(0.1 → 0.5) · ")),
                 qPrintable(child<QLabel>(*dialog, "formula")->text()));
        click(child<QPushButton>(*dialog, "put_together"));
        QTRY_VERIFY_WITH_TIMEOUT(page->own_losses().size() == before + 1 && page->is_ready(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(page->verdict()->headline(), QStringLiteral("Gradient flows."), patience);
        QVERIFY(page->editor()->text().contains(QStringLiteral("linear(kl_to_base_start, kl_to_base_end, progress)")));
        // A term that cannot be added says why, and the dialog stays.
        click(page->findChild<QWidget*>(QStringLiteral("sum_losses")));
        QTRY_VERIFY(page->findChild<ui::SumDialog*>() != nullptr && page->findChild<ui::SumDialog*>()->isVisible());
        auto* again = page->findChild<ui::SumDialog*>();
        QTest::keyClick(again, Qt::Key_Escape);
        QTRY_VERIFY(page->findChild<ui::SumDialog*>() == nullptr);
    }

    void a_cut_loss_becomes_a_reward_and_a_run_learns_from_it() {
        LossBench bench(m_project);
        QVERIFY(bench.page != nullptr);
        ui::MainWindow& window = bench.window;
        ui::LossPage* const page = bench.page;
        QVERIFY(bench.begin_own_loss());
        page->editor()->replace_text(
            QStringLiteral("def loss(logits, labels):\n    return (logits.argmax(-1) != labels).float().mean()\n"));
        QTRY_VERIFY_WITH_TIMEOUT(page->verdict()->headline().startsWith(QStringLiteral("Gradient stops at line 2")), patience);
        QPushButton* as_reward = nullptr;
        for (QPushButton* button : page->verdict()->findChildren<QPushButton*>(QStringLiteral("rewrite")))
            if (button->accessibleName().contains(QStringLiteral("Make this a reward"))) as_reward = button;
        QVERIFY(as_reward != nullptr);
        click(as_reward);
        QTRY_COMPARE_WITH_TIMEOUT(page->verdict()->headline(), QStringLiteral("The reward can be used."), patience);
        auto* use = child<QPushButton>(*page, "use_in_a_run");
        QTRY_VERIFY_WITH_TIMEOUT(use->isEnabled(), patience);
        click(use);
        QCOMPARE(window.current_page_name(), QStringLiteral("train"));
        auto* train = qobject_cast<ui::TrainPage*>(window.page(QStringLiteral("train")));
        train->set_run_program(cli());
        choose_tiny_model(*train);
        type_into(child<QLineEdit>(*train, "max_steps"), QStringLiteral("12"));
        type_into(child<QLineEdit>(*train, "reward.max_completion_length"), QStringLiteral("6"));
        auto* start = child<QPushButton>(*train, "start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), patience);
        click(start);
        QTRY_COMPARE_WITH_TIMEOUT(run(3).status, RunStatus::Finished, patience);
        QVERIFY(run(3).config.reward && run(3).config.reward->source.find("def reward") == 0);
        QVERIFY(run(3).config.loss.source.empty());
        QTRY_VERIFY_WITH_TIMEOUT(train->findChild<ui::CurveChart*>(QStringLiteral("reward_chart")) != nullptr, patience);
        auto* chart = train->findChild<ui::CurveChart*>(QStringLiteral("reward_chart"));
        QTRY_VERIFY_WITH_TIMEOUT(chart->isVisible() && chart->point_count(QStringLiteral("reward")) == 12, patience);
        auto* completions = train->findChild<QTableView*>(QStringLiteral("completions"));
        QTRY_VERIFY_WITH_TIMEOUT(completions->isVisible() && completions->model()->rowCount() == 8, patience);
    }
};

int main(int argc, char** argv) {
    return run_window_tests<MainJobTest>(argc, argv);
}
#include "MainJobTest.moc"
