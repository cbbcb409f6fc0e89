#include "tests/ui/runs/RunsTest.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTimer>
#include <QtTest>
#include <filesystem>

#include "app/lossmith/Pages.h"
#include "core/base/Files.h"
#include "core/project/MetricStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/EventLoopWatch.h"
#include "tests/ui/train/Screens.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/charts/CurveChart.h"
#include "ui/runs/RunDetails.h"
#include "ui/runs/RunsFilter.h"
#include "ui/runs/RunsModel.h"
#include "ui/runs/RunsPage.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/train/TrainPage.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

using Reporting = QAbstractItemModelTester::FailureReportingMode;

Run run_of(std::int64_t id, RunStatus status, const char* name, std::optional<double> best = {}) {
    Run run;
    run.id = id;
    run.status = status;
    run.name = name;
    run.best_validation_loss = best;
    return run;
}

QStringList column_of(const QAbstractItemModel& model, int column) {
    QStringList texts;
    for (int row = 0; row < model.rowCount(); ++row) texts.append(model.index(row, column).data().toString());
    return texts;
}

QStringList list(std::initializer_list<const char*> texts) {
    QStringList result;
    for (const char* text : texts) result.append(QString::fromUtf8(text));
    return result;
}

/// A project with an ended run of 40 steps, one of 20 with another rate, and one going on.
struct Bench {
    Bench() {
        RunConfig config;
        config.name = "first";
        first = project.add_running_run(config, 40, 40);
        must(project.writer().runs().set_status(first, RunStatus::Finished));
        config.name = "second";
        config.learning_rate = 1e-3;
        second = project.add_running_run(config, 20, 20);
        must(project.writer().runs().set_status(second, RunStatus::Finished));
        config.name = "live";
        live = project.add_running_run(config, 10, 60);
        page.resize(1100, 780);
        page.set_project(&project.session());
        page.show();
        table = page.findChild<QTableView*>(QStringLiteral("runs"));
        chart = page.findChild<CurveChart*>();
    }
    [[nodiscard]] bool is_read() const { return table->model()->rowCount() == 3; }
    void choose(std::initializer_list<std::int64_t> runs) const {
        table->clearSelection();
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            const QModelIndex index = table->model()->index(row, 0);
            for (const std::int64_t run : runs) {
                if (index.data().toLongLong() == run) {
                    table->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
                }
            }
        }
    }
    /// What stands in the panel beside the page.
    [[nodiscard]] QStringList told() {
        QStringList texts;
        for (const QLabel* label : page.inspector()->findChildren<QLabel*>())
            if (!label->isHidden()) texts.append(label->text());
        return texts;
    }
    [[nodiscard]] QPushButton* button(const char* name) const { return page.findChild<QPushButton*>(QString::fromLatin1(name)); }

    TrainProject project;
    std::int64_t first = 0, second = 0, live = 0;
    RunsPage page;
    QTableView* table = nullptr;
    CurveChart* chart = nullptr;
};

/// The whole window on a project that holds a finished run.
struct WindowBench {
    TrainProject project;
    std::int64_t finished = project.add_running_run({}, 10, 10);
    EngineClient engine{test_program("reckoning_engine")};
    RecentProjects recent;
    MainWindow window;

    WindowBench(Theme& theme, QSize size) : window(engine, theme, recent, app::page_entries(engine, recent)) {
        must(project.writer().runs().set_status(finished, RunStatus::Finished));
        window.resize(size);
        window.show();
    }
    [[nodiscard]] bool open() { return window.open_project(QString::fromStdString(project.path().string())); }
};

}  // namespace

void RunsTest::the_model_keeps_the_rules_of_models() {
    RunsModel model;
    RunsFilter filter;
    const QAbstractItemModelTester tester(&model, Reporting::QtTest);
    filter.setSourceModel(&model);
    const QAbstractItemModelTester filter_tester(&filter, Reporting::QtTest);
    model.set_runs({run_of(2, RunStatus::Running, "b"), run_of(1, RunStatus::Finished, "a", 0.5)});
    model.set_runs({run_of(3, RunStatus::Queued, "c"), run_of(2, RunStatus::Finished, "b"), run_of(1, RunStatus::Finished, "a", 0.5)});
    filter.set_words(QStringLiteral("b"));
    model.set_runs({run_of(4, RunStatus::Queued, "bb"), run_of(1, RunStatus::Finished, "a", 0.5)});
    QCOMPARE(column_of(filter, RunsModel::NameColumn), list({"bb"}));
    model.set_runs({});
    QCOMPARE(model.rowCount(), 0);
}

void RunsTest::runs_that_come_and_go_leave_the_others_in_place() {
    RunsModel model;
    model.set_runs({run_of(3, RunStatus::Finished, "c"), run_of(2, RunStatus::Finished, "b"), run_of(1, RunStatus::Finished, "a")});
    const QPersistentModelIndex kept(model.index(1, RunsModel::NameColumn));
    model.set_runs({run_of(5, RunStatus::Queued, "e"), run_of(4, RunStatus::Running, "d"), run_of(2, RunStatus::Finished, "b")});
    QVERIFY(kept.isValid());
    QCOMPARE(kept.data().toString(), QStringLiteral("b"));
    QCOMPARE(column_of(model, RunsModel::NameColumn), list({"e", "d", "b"}));
}

void RunsTest::a_run_by_reward_names_its_reward() {
    RunsModel model;
    Run plain = run_of(1, RunStatus::Finished, "a");
    plain.config.loss.name = "label_smoothing";
    Run both = run_of(2, RunStatus::Finished, "b");
    both.config.reward = RewardSpec{};
    both.config.reward->name = "rouge_l_overlap";
    Run alone = both;
    alone.id = 3;
    alone.config.reward->loss_weight = 0.0;
    model.set_runs({alone, both, plain});
    QCOMPARE(column_of(model, RunsModel::LossColumn),
             list({"reward: rouge l overlap", "reward: rouge l overlap + cross entropy", "label smoothing"}));
}

void RunsTest::names_tags_and_notes_can_be_edited_and_nothing_else() {
    RunsModel model;
    model.set_runs({run_of(1, RunStatus::Finished, "a")});
    QSignalSpy edited(&model, &RunsModel::edited);
    for (int column = 0; column < RunsModel::ColumnCount; ++column) {
        const bool may = column == RunsModel::NameColumn || column == RunsModel::TagsColumn || column == RunsModel::NoteColumn;
        QCOMPARE(model.flags(model.index(0, column)).testFlag(Qt::ItemIsEditable), may);
        QCOMPARE(model.setData(model.index(0, column), QStringLiteral("x")), may);
    }
    QCOMPARE(edited.count(), 3);
    QVERIFY(!model.setData(model.index(0, RunsModel::NameColumn), QStringLiteral("  ")));
    QCOMPARE(model.run_at(0)->note, std::string("x"));
}

void RunsTest::words_filter_the_table() {
    RunsModel model;
    RunsFilter filter;
    filter.setSourceModel(&model);
    Run tagged = run_of(1, RunStatus::Failed, "slow");
    tagged.tags = "lamp, good";
    model.set_runs({run_of(3, RunStatus::Failed, "fast"), run_of(2, RunStatus::Finished, "slow"), tagged});
    filter.set_words(QStringLiteral("SLOW failed"));
    QCOMPARE(column_of(filter, RunsModel::IdColumn), list({"1"}));
    filter.set_words(QStringLiteral("lamp"));
    QCOMPARE(filter.rowCount(), 1);
    filter.set_words(QStringLiteral("nothing"));
    QCOMPARE(filter.rowCount(), 0);
    filter.set_words({});
    QCOMPARE(filter.rowCount(), 3);
}

void RunsTest::losses_sort_as_numbers_and_missing_ones_last() {
    RunsModel model;
    RunsFilter filter;
    filter.setSourceModel(&model);
    model.set_runs({run_of(4, RunStatus::Finished, "d", 10.5), run_of(3, RunStatus::Running, "c"),
                    run_of(2, RunStatus::Finished, "b", 2.25), run_of(1, RunStatus::Finished, "a", 0.03)});
    filter.sort(RunsModel::BestColumn, Qt::AscendingOrder);
    QCOMPARE(column_of(filter, RunsModel::NameColumn), list({"a", "b", "d", "c"}));
    model.set_runs([] {
        std::vector<Run> runs;
        for (std::int64_t id = 11; id > 0; --id) runs.push_back(run_of(id, RunStatus::Finished, "x"));
        return runs;
    }());
    filter.sort(RunsModel::IdColumn, Qt::AscendingOrder);
    QCOMPARE(column_of(filter, RunsModel::IdColumn).mid(8), list({"9", "10", "11"}));
}

void RunsTest::a_note_typed_in_the_table_lands_in_the_file() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    QModelIndex note;
    for (int row = 0; row < 3; ++row) {
        if (bench.table->model()->index(row, 0).data().toLongLong() == bench.first)
            note = bench.table->model()->index(row, RunsModel::NoteColumn);
    }
    bench.table->setCurrentIndex(note);
    bench.table->edit(note);
    auto* editor = bench.table->viewport()->findChild<QLineEdit*>();
    QVERIFY(editor);
    QTest::keyClicks(editor, QStringLiteral("the best so far"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(must(bench.project.writer().runs().run(bench.first)).note, std::string("the best so far"));
    QCOMPARE(must(bench.project.writer().runs().run(bench.first)).name, std::string("first"));
}

void RunsTest::the_topmost_run_is_chosen_at_first_and_then_the_page_is_ready() {
    Bench bench;
    QVERIFY(!bench.page.is_ready());
    QTRY_VERIFY(bench.page.is_ready());
    QCOMPARE(bench.page.chosen_runs().size(), 1U);
    QCOMPARE(bench.page.chosen_runs().front().id, bench.live);
    QCOMPARE(bench.chart->point_count(QStringLiteral("run %1").arg(bench.live)), 1);
    bench.table->clearSelection();
    bench.project.write_steps(bench.live, 11, 30);
    QTRY_COMPARE(bench.table->model()->index(0, RunsModel::StepsColumn).data().toString().contains(QStringLiteral("30")), true);
    QVERIFY(bench.page.chosen_runs().empty());
}

void RunsTest::chosen_runs_lie_over_one_another() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.first, bench.second});
    QCOMPARE(bench.chart->curves().size(), 2);
    QTRY_COMPARE(bench.chart->point_count(QStringLiteral("run %1").arg(bench.first)), 4);
    QTRY_COMPARE(bench.chart->point_count(QStringLiteral("run %1").arg(bench.second)), 2);
    bench.choose({bench.second});
    QCOMPARE(bench.chart->curves(), QStringList{QStringLiteral("run %1").arg(bench.second)});
}

void RunsTest::a_live_run_grows_in_the_chart() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.live});
    const QString curve = QStringLiteral("run %1").arg(bench.live);
    QTRY_COMPARE(bench.chart->point_count(curve), 1);
    bench.project.write_steps(bench.live, 11, 30);
    QTRY_COMPARE(bench.chart->point_count(curve), 3);
}

void RunsTest::chosen_runs_show_their_difference() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.first, bench.second});
    QVERIFY(bench.told().contains(QStringLiteral("Learning rate")));
    QVERIFY(bench.told().contains(QStringLiteral("0.001")));
    QVERIFY(!bench.told().contains(QStringLiteral("Weight decay")));
    bench.choose({bench.first, bench.second, bench.live});
    QCOMPARE(bench.told().count(QStringLiteral("0.001")), 2);
    QCOMPARE(bench.told().count(QStringLiteral("5e-5")), 1);
}

void RunsTest::a_run_says_from_which_checkpoint_it_began_and_a_click_goes_there() {
    Bench bench;
    Checkpoint checkpoint;
    checkpoint.step = 40;
    checkpoint.path = "test.files/run-1/checkpoint-40";
    checkpoint.sha256 = sha256_of("weights of the first");
    must(bench.project.writer().runs().add_checkpoint(bench.first, checkpoint));
    must(bench.project.writer().runs().set_provenance(bench.second, {{"model_sha256", checkpoint.sha256}}));
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.second});
    auto* lineage = bench.page.inspector()->findChild<QLabel*>(QStringLiteral("lineage"));
    QTRY_COMPARE(lineage->text(), QStringLiteral("starter → <a href=\"1\">run 1, step 40</a> → this run"));
    QTRY_COMPARE(bench.table->model()->index(1, RunsModel::ModelColumn).data().toString(), QStringLiteral("run 1, step 40"));
    bench.page.findChild<QLineEdit*>(QStringLiteral("filter"))->setText(QStringLiteral("second"));
    Q_EMIT lineage->linkActivated(QStringLiteral("1"));
    QCOMPARE(bench.page.chosen_runs().size(), 1U);
    QCOMPARE(bench.page.chosen_runs().front().id, bench.first);
    QCOMPARE(lineage->text(), QStringLiteral("starter → this run<br>From it began <a href=\"2\">run 2</a>."));
}

void RunsTest::what_made_a_run_is_told_in_words() {
    Bench bench;
    must(bench.project.writer().runs().set_provenance(
        bench.first, {{"data", sha256_of("rows")}, {"rows", 2700}, {"lossmith", "0.1.0"}, {"torch", "1.13.0"}, {"threads", 2}}));
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.first});
    QTRY_VERIFY(bench.told().contains(QStringLiteral("Rows trained on")));
    for (const char* text : {"2,700", "LibTorch", "1.13.0", "Lossmith", "0.1.0", "Seed", "42", "Rows, digest"})
        QVERIFY2(bench.told().contains(QString::fromLatin1(text)), text);
}

void RunsTest::a_saved_config_makes_the_run_again() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.second});
    const QString path = bench.project.file(QStringLiteral("again.json"));
    QVERIFY(bench.page.save_config(path));
    const RunConfig config = must(run_config_from_json(must(read_json_file(path.toStdString()))));
    QVERIFY(config == must(bench.project.writer().runs().run(bench.second)).config);
    QVERIFY(!bench.page.save_config(QStringLiteral("/no/such/folder/again.json")));
}

void RunsTest::run_again_fills_the_form_of_train() {
    WindowBench bench(m_theme, {1400, 860});
    RunConfig other;
    other.learning_rate = 3e-4;
    other.max_steps = 77;
    const std::int64_t run = bench.project.add_running_run(other, 10, 10);
    must(bench.project.writer().runs().set_status(run, RunStatus::Finished));
    QVERIFY(bench.open());
    bench.window.show_page(QStringLiteral("runs"));
    QWidget* runs = bench.window.page(QStringLiteral("runs"));
    QTRY_COMPARE(runs->findChild<QTableView*>(QStringLiteral("runs"))->model()->rowCount(), 2);
    auto* again = runs->findChild<QPushButton*>(QStringLiteral("run_again"));
    QTRY_VERIFY(again->isEnabled());
    QTest::mouseClick(again, Qt::LeftButton);
    QCOMPARE(bench.window.current_page_name(), QStringLiteral("train"));
    QWidget* train = bench.window.page(QStringLiteral("train"));
    QCOMPARE(train->findChild<QLineEdit*>(QStringLiteral("learning_rate"))->text(), QStringLiteral("3e-4"));
    QCOMPARE(train->findChild<QLineEdit*>(QStringLiteral("max_steps"))->text(), QStringLiteral("77"));
    QVERIFY(train->findChild<QLineEdit*>(QStringLiteral("name"))->text().isEmpty());
}

void RunsTest::deleting_asks_in_the_page_and_removes_the_weights() {
    Bench bench;
    const auto folder = bench.project.writer().run_folder(bench.first);
    std::filesystem::create_directories(folder);
    QVERIFY(write_file_atomically(folder / "model.safetensors", "weights"));
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.first});
    QVERIFY(!bench.button("delete_confirmed")->isVisible());
    QTest::mouseClick(bench.button("delete_run"), Qt::LeftButton);
    QVERIFY(bench.button("delete_confirmed")->isVisible());
    QVERIFY(must(bench.project.writer().runs().run(bench.first)).id == bench.first);
    QTest::mouseClick(bench.button("delete_confirmed"), Qt::LeftButton);
    QTRY_COMPARE(bench.table->model()->rowCount(), 2);
    QVERIFY(!bench.project.writer().runs().run(bench.first));
    QVERIFY(!std::filesystem::exists(folder));
}

void RunsTest::a_run_under_way_cannot_be_deleted() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    bench.choose({bench.live});
    QVERIFY(!bench.button("delete_run")->isEnabled());
    bench.choose({bench.second});
    QVERIFY(bench.button("delete_run")->isEnabled());
}

void RunsTest::opening_a_run_asks_for_the_train_page() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    QSignalSpy page(&bench.page, &Page::page_wanted);
    QSignalSpy run(&bench.page, &RunsPage::run_wanted);
    bench.choose({bench.second});
    QTest::mouseClick(bench.button("open_run"), Qt::LeftButton);
    QCOMPARE(page.front().front().toString(), QStringLiteral("train"));
    QCOMPARE(run.front().front().toLongLong(), bench.second);
    QVERIFY(!bench.button("resume_run")->isEnabled());
}

void RunsTest::open_and_resume_reach_the_train_page_of_the_window() {
    WindowBench bench(m_theme, {1400, 860});
    MainWindow& window = bench.window;
    const std::int64_t stopped = bench.project.add_running_run({}, 10, 20);
    must(bench.project.writer().runs().set_status(stopped, RunStatus::Stopped));
    QVERIFY(bench.open());
    window.show_page(QStringLiteral("runs"));
    QWidget* runs = window.page(QStringLiteral("runs"));
    auto* table = runs->findChild<QTableView*>(QStringLiteral("runs"));
    QTRY_COMPARE(table->model()->rowCount(), 2);
    const auto choose = [&](int row) {
        table->selectionModel()->select(table->model()->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    };
    choose(1);
    QTest::mouseClick(runs->findChild<QPushButton*>(QStringLiteral("open_run")), Qt::LeftButton);
    QCOMPARE(window.current_page_name(), QStringLiteral("train"));
    auto* train = qobject_cast<TrainPage*>(window.page(QStringLiteral("train")));
    QVERIFY(train);
    QCOMPARE(train->shown_run(), bench.finished);

    train->set_run_program(test_program("scripted_trainer"));
    window.show_page(QStringLiteral("runs"));
    choose(0);
    QTest::mouseClick(runs->findChild<QPushButton*>(QStringLiteral("resume_run")), Qt::LeftButton);
    QCOMPARE(train->shown_run(), stopped);
    QTRY_COMPARE_WITH_TIMEOUT(must(bench.project.writer().runs().run(stopped)).status, RunStatus::Finished, 20'000);
}

void RunsTest::every_page_fits_a_small_screen() {
    WindowBench bench(m_theme, {1280, 720});
    MainWindow& window = bench.window;
    QVERIFY(bench.open());
    for (const char* name : {"start", "data", "train", "compare", "playground", "runs"}) {
        // As by a click: in an event, so that what the page's making costs is watched.
        QTimer::singleShot(0, &window, [&window, name] { window.show_page(QString::fromLatin1(name)); });
        QTRY_COMPARE(window.current_page_name(), QString::fromLatin1(name));
        Page* page = window.page(QString::fromLatin1(name));
        QTRY_VERIFY2(page->is_ready(), name);
        QTest::qWait(20);
        QVERIFY2(window.width() == 1280, qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(name)).arg(window.width())));
        if (QWidget* side = page->inspector()) QVERIFY2(side->width() <= side->parentWidget()->width(), name);
    }
}

void RunsTest::the_page_is_drawn_in_both_palettes() {
    Bench bench;
    QTRY_VERIFY(bench.is_read());
    must(bench.project.writer().runs().set_note(bench.first, "first", "good, lamp", "the one to beat"));
    must(bench.project.writer().runs().set_best(bench.first, 40, 2.93));
    must(bench.project.writer().runs().set_provenance(
        bench.first, {{"data_digest", sha256_of("rows")}, {"versions", {{"lossmith", "0.1.0"}, {"torch", "1.13.0"}}}, {"threads", 2}}));
    QVERIFY(!bench.page.findChild<EmptyState*>()->isVisible());
    bench.choose({bench.first, bench.second});
    QTRY_COMPARE(bench.chart->point_count(QStringLiteral("run %1").arg(bench.second)), 2);
    QTRY_COMPARE(bench.table->model()->index(2, RunsModel::TagsColumn).data().toString(), QStringLiteral("good, lamp"));
    const Pictures two = take_pictures(bench.page, m_theme, QStringLiteral("runs"));
    QCOMPARE(QColor(two.light.pixel(2, 2)), Theme::colour(Role::Window, false));
    QCOMPARE(QColor(two.dark.pixel(2, 2)), Theme::colour(Role::Window, true));
    bench.choose({bench.first});
    QTRY_COMPARE(bench.chart->point_count(QStringLiteral("run %1").arg(bench.first)), 4);
    QVERIFY(take_pictures(bench.page, m_theme, QStringLiteral("runs-one")).light != two.light);
}

}  // namespace lossmith::ui

int main(int argc, char** argv) {
    lossmith::test::WatchedApplication application(argc, argv);
    lossmith::ui::use_own_settings();
    lossmith::ui::Theme theme(application);
    lossmith::ui::RunsTest test(theme);
    return QTest::qExec(&test, argc, argv);
}

#include "moc_RunsTest.cpp"
