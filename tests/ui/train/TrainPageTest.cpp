#include "tests/ui/train/TrainPageTest.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>
#include <thread>

#include "core/project/MetricStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/charts/CurveChart.h"
#include "ui/train/CompletionsCard.h"
#include "ui/train/DeviceCard.h"
#include "ui/train/EventList.h"
#include "ui/train/FieldEditor.h"
#include "ui/train/RunForm.h"
#include "ui/train/RunInspector.h"
#include "ui/train/RunWords.h"
#include "ui/train/SamplesCard.h"
#include "ui/train/SamplesModel.h"
#include "ui/train/SlurmDialog.h"
#include "ui/train/TrainPage.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

const QString train_loss = QStringLiteral("train/loss");

/// The page as the window holds it.
struct Bench {
    explicit Bench(TrainProject* project, const QString& trainer = test_program("scripted_trainer"))
        : engine(test_program("reckoning_engine")), page(engine) {
        page.set_run_program(trainer);
        page.resize(1100, 780);
        if (project) page.set_project(&project->session());
        page.show();
    }
    [[nodiscard]] QPushButton* button(const char* name) { return page.findChild<QPushButton*>(QString::fromLatin1(name)); }
    [[nodiscard]] CurveChart& chart() { return *page.findChild<CurveChart*>(QStringLiteral("loss_chart")); }
    [[nodiscard]] RunForm& form() { return *page.findChild<RunForm*>(); }
    [[nodiscard]] QString error() { return page.findChild<ErrorBanner*>()->text(); }
    void name_the_run(const QString& name) { page.findChild<QLineEdit*>(QStringLiteral("name"))->setText(name); }
    /// Starts a run of that name and gives its number.
    [[nodiscard]] std::int64_t start(const QString& name) {
        name_the_run(name);
        if (!QTest::qWaitFor([this] { return button("start")->isEnabled(); })) return -1;
        QTest::mouseClick(button("start"), Qt::LeftButton);
        return QTest::qWaitFor([this] { return page.shown_run() != 0; }) ? page.shown_run() : -1;
    }

    EngineClient engine;
    TrainPage page;
};

RunStatus status_of(TrainProject& project, std::int64_t run) {
    return must(project.writer().runs().run(run)).status;
}

RunConfig named(const char* name) {
    RunConfig config;
    config.name = name;
    return config;
}

EmptyState* visible_empty_state(TrainPage& page) {
    for (EmptyState* state : page.findChildren<EmptyState*>()) {
        if (state->isVisible()) return state;
    }
    return nullptr;
}

}  // namespace

void TrainPageTest::without_a_project_it_leads_to_start() {
    Bench bench(nullptr);
    QSignalSpy wanted(&bench.page, &Page::page_wanted);
    EmptyState* empty = visible_empty_state(bench.page);
    QVERIFY(empty);
    QTest::mouseClick(empty->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(wanted.front().front().toString(), QStringLiteral("start"));
    QVERIFY(!bench.button("start")->isVisible());
}

void TrainPageTest::without_rows_it_leads_to_data() {
    TrainProject project(0);
    Bench bench(&project);
    QSignalSpy wanted(&bench.page, &Page::page_wanted);
    QTRY_VERIFY(visible_empty_state(bench.page));
    QVERIFY(!bench.button("start")->isEnabled());
    QVERIFY(bench.button("start")->toolTip().contains(QStringLiteral("no rows")));
    QTest::mouseClick(visible_empty_state(bench.page)->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(wanted.front().front().toString(), QStringLiteral("data"));
}

void TrainPageTest::a_wrong_form_cannot_be_started() {
    TrainProject project;
    Bench bench(&project);
    QTRY_VERIFY(bench.button("start")->isEnabled());
    bench.form().editor(QStringLiteral("learning_rate"))->set_value("quick");
    QVERIFY(!bench.button("start")->isEnabled());
    bench.form().editor(QStringLiteral("learning_rate"))->set_value(1e-4);
    QVERIFY(bench.button("start")->isEnabled());
}

void TrainPageTest::start_makes_a_run_and_its_process_finishes_it() {
    TrainProject project;
    Bench bench(&project);
    bench.form().editor(QStringLiteral("learning_rate"))->set_value(1e-4);
    const std::int64_t run = bench.start(QStringLiteral("mine"));
    QVERIFY(run > 0);
    QTRY_COMPARE_WITH_TIMEOUT(status_of(project, run), RunStatus::Finished, 20'000);
    const Run made = must(project.writer().runs().run(run));
    QCOMPARE(made.name, std::string("mine"));
    QCOMPARE(made.config.learning_rate, 1e-4);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 20);
    QTRY_VERIFY(bench.button("run_again")->isVisible());
    QVERIFY(!bench.button("stop")->isVisible());
    QVERIFY(std::filesystem::exists(project.writer().run_folder(run) / "log.txt"));
}

void TrainPageTest::the_curve_grows_while_another_connection_writes() {
    TrainProject project;
    const std::int64_t run = project.add_running_run(named("live"), 10, 400);
    Bench bench(&project);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 10);
    // A connection of its own on a thread of its own, as a run's process has.
    std::thread writer([&] {
        auto other = must(Project::open(project.path()));
        for (std::int64_t step = 11; step <= 300; ++step) {
            const Metric metric[] = {{step, "train/loss", 1.0}};
            must(other->metrics().write(run, metric));
        }
    });
    QTRY_VERIFY(bench.chart().point_count(train_loss) > 10);
    writer.join();
    QTRY_COMPARE(bench.chart().point_count(train_loss), 300);
    QCOMPARE(bench.chart().last_point(train_loss), QPointF(300, 1.0));
    bench.chart().draw_now();
    QCOMPARE(bench.chart().x_range().second, 400.0);
}

void TrainPageTest::a_curve_written_late_is_not_missed() {
    TrainProject project;
    const std::int64_t run = project.add_running_run(named("live"), 20, 40);
    Bench bench(&project);
    QTRY_COMPARE(bench.chart().point_count(QStringLiteral("validation/loss")), 2);
    const Metric ahead[] = {{30, "validation/loss", 0.5}};
    must(project.writer().metrics().write(run, ahead));
    QTRY_COMPARE(bench.chart().point_count(QStringLiteral("validation/loss")), 3);
    project.write_steps(run, 21, 29);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 29);
}

void TrainPageTest::a_run_that_goes_back_is_drawn_once() {
    TrainProject project;
    const std::int64_t run = project.add_running_run(named("live"), 50, 60);
    Bench bench(&project);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 50);
    must(project.writer().runs().rewind(run, 30));
    must(project.writer().runs().add_event(run, 30, "resumed", "Resumed from step 30."));
    project.write_steps(run, 31, 32);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 32);
    project.write_steps(run, 33, 60);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 60);
}

void TrainPageTest::commands_land_in_the_file() {
    TrainProject project;
    const std::int64_t run = project.add_running_run(named("live"), 5, 60);
    Bench bench(&project);
    const std::pair<const char*, RunCommand> buttons[] = {{"checkpoint_now", RunCommand::CheckpointNow},
                                                          {"sample_now", RunCommand::SampleNow},
                                                          {"pause", RunCommand::Pause},
                                                          {"stop", RunCommand::Stop}};
    for (const auto& [name, command] : buttons) {
        QTRY_VERIFY(bench.button(name)->isVisible() && bench.button(name)->isEnabled());
        QTest::mouseClick(bench.button(name), Qt::LeftButton);
        std::vector<RunCommand> taken;
        const auto has_landed = [&] {
            // Each command is given once.
            if (taken.empty()) taken = must(project.writer().runs().take_commands(run));
            return !taken.empty();
        };
        QTRY_VERIFY(has_landed());
        QCOMPARE(taken, std::vector{command});
    }
    QVERIFY(!bench.button("stop")->isEnabled());
}

void TrainPageTest::a_run_is_paused_continued_and_stopped() {
    TrainProject project;
    Bench bench(&project);
    const std::int64_t run = bench.start(QStringLiteral("obey"));
    QVERIFY(run > 0);
    QTRY_VERIFY_WITH_TIMEOUT(bench.button("pause")->isVisible(), 20'000);
    QTest::mouseClick(bench.button("pause"), Qt::LeftButton);
    QTRY_COMPARE(status_of(project, run), RunStatus::Paused);
    QTRY_COMPARE(bench.button("pause")->text(), QStringLiteral("Continue"));
    QTest::mouseClick(bench.button("pause"), Qt::LeftButton);
    QTRY_COMPARE(status_of(project, run), RunStatus::Running);
    QTRY_VERIFY(bench.button("stop")->isEnabled());
    QTest::mouseClick(bench.button("stop"), Qt::LeftButton);
    QTRY_COMPARE(status_of(project, run), RunStatus::Stopped);
    QTRY_VERIFY(bench.button("resume")->isVisible());
}

void TrainPageTest::a_lost_run_says_so_and_is_resumed() {
    TrainProject project;
    Bench bench(&project);
    const std::int64_t run = bench.start(QStringLiteral("vanish"));
    QVERIFY(run > 0);
    QTRY_COMPARE_WITH_TIMEOUT(status_of(project, run), RunStatus::Lost, 20'000);
    QTRY_VERIFY(bench.error().contains(QStringLiteral("is gone")));
    QTRY_VERIFY(bench.button("resume")->isVisible());
    QTest::mouseClick(bench.button("resume"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(status_of(project, run), RunStatus::Finished, 20'000);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 20);
    QTRY_VERIFY(bench.error().isEmpty());
}

void TrainPageTest::a_running_run_is_found_again() {
    TrainProject project;
    must(project.writer().runs().set_status(must(project.writer().runs().create(named("old"))).id, RunStatus::Finished));
    const std::int64_t run = project.add_running_run(named("live"), 12, 60);
    Bench bench(&project);
    QTRY_COMPARE(bench.page.shown_run(), run);
    QTRY_COMPARE(bench.chart().point_count(train_loss), 12);
}

void TrainPageTest::queued_runs_start_one_after_another() {
    TrainProject project;
    Bench bench(&project);
    const std::int64_t first = bench.start(QStringLiteral("obey"));
    QTRY_COMPARE_WITH_TIMEOUT(status_of(project, first), RunStatus::Running, 20'000);
    QTest::mouseClick(bench.button("new_run"), Qt::LeftButton);
    QTRY_COMPARE(bench.button("start")->text(), QStringLiteral("Queue"));
    const std::int64_t second = bench.start(QStringLiteral("next"));
    QVERIFY(second > first);
    QTRY_VERIFY(bench.button("stop")->isVisible());
    QCOMPARE(status_of(project, second), RunStatus::Queued);
    must(project.writer().runs().send(first, RunCommand::Stop));
    QTRY_VERIFY_WITH_TIMEOUT(!is_under_way(status_of(project, second)), 20'000);
    QCOMPARE(QString::fromStdString(must(project.writer().runs().run(second)).message), QString());
    QCOMPARE(status_of(project, second), RunStatus::Finished);
    QCOMPARE(status_of(project, first), RunStatus::Stopped);
}

void TrainPageTest::the_page_is_ready_when_the_run_is_drawn() {
    TrainProject project;
    Bench bench(&project);
    QVERIFY(!bench.page.is_ready());
    QTRY_VERIFY(bench.page.is_ready());
    QVERIFY(!bench.page.inspector()->findChildren<DeviceCard*>().isEmpty());
    const std::int64_t ended = project.add_running_run(named("ended"), 12, 12);
    must(project.writer().runs().set_status(ended, RunStatus::Finished));
    bench.page.show_run(ended);
    QVERIFY(!bench.page.is_ready());
    QTRY_VERIFY(bench.page.is_ready());
    QCOMPARE(bench.chart().point_count(train_loss), 12);
}

void TrainPageTest::a_waiting_run_is_taken_out_of_the_queue() {
    TrainProject project;
    project.add_running_run(named("live"), 5, 60);
    Bench bench(&project);
    QTRY_VERIFY(bench.button("new_run")->isVisible());
    QTest::mouseClick(bench.button("new_run"), Qt::LeftButton);
    const std::int64_t waiting = bench.start(QStringLiteral("next"));
    QVERIFY(waiting > 0);
    QTRY_VERIFY(bench.button("stop")->isVisible());
    QTest::mouseClick(bench.button("stop"), Qt::LeftButton);
    QTRY_COMPARE(status_of(project, waiting), RunStatus::Stopped);
}

void TrainPageTest::a_process_that_refuses_is_told() {
    TrainProject project;
    Bench bench(&project);
    const std::int64_t run = bench.start(QStringLiteral("refuse"));
    QTRY_COMPARE_WITH_TIMEOUT(status_of(project, run), RunStatus::Failed, 20'000);
    QTRY_VERIFY(bench.error().contains(QStringLiteral("This run is refused.")));
}

void TrainPageTest::a_missing_program_is_told() {
    TrainProject project;
    Bench bench(&project, QStringLiteral("/no/such/lossmith-cli"));
    const std::int64_t run = bench.start(QStringLiteral("mine"));
    QTRY_COMPARE(status_of(project, run), RunStatus::Failed);
    QTRY_VERIFY(bench.error().contains(QStringLiteral("/no/such/lossmith-cli")));
}

void TrainPageTest::run_again_fills_the_form() {
    TrainProject project;
    RunConfig config = named("old");
    config.learning_rate = 7e-4;
    config.sampling.top_k = 11;
    const std::int64_t run = project.add_running_run(config, 5, 60);
    must(project.writer().runs().set_status(run, RunStatus::Finished));
    Bench bench(&project);
    bench.page.show_run(run);
    QTRY_VERIFY(bench.button("run_again")->isVisible());
    QTest::mouseClick(bench.button("run_again"), Qt::LeftButton);
    QCOMPARE(bench.page.shown_run(), 0);
    const auto again = bench.form().check();
    QVERIFY(again);
    QCOMPARE(again->learning_rate, 7e-4);
    QCOMPARE(again->sampling.top_k, 11);
    QVERIFY(again->name.empty());
}

void TrainPageTest::samples_are_shown_by_prompt() {
    TrainProject project;
    const std::int64_t run = project.add_running_run(named("live"), 5, 60);
    for (const std::int64_t step : {0, 5}) {
        for (const std::int64_t prompt : {0, 1}) {
            const std::string which = std::to_string(prompt);
            must(project.writer().runs().add_sample(
                run, {step, prompt, "problem " + which, "solution " + which, "text " + which + " at " + std::to_string(step)}));
        }
    }
    Bench bench(&project);
    auto* table = bench.page.findChild<QTableView*>(QStringLiteral("samples"));
    QTRY_COMPARE(table->model()->rowCount(), 2);
    const auto cell = [&](int row) { return table->model()->index(row, SamplesModel::TextColumn); };
    QCOMPARE(cell(0).data().toString(), QStringLiteral("text 0 at 0"));
    QCOMPARE(cell(0).data(Qt::ForegroundRole).value<QColor>(), Theme::colour(Role::Base));
    QCOMPARE(cell(1).data(Qt::ForegroundRole).value<QColor>(), Theme::colour(Role::Tuned));
    bench.page.findChild<SamplesCard*>()->choose_prompt(1);
    QCOMPARE(cell(1).data().toString(), QStringLiteral("text 1 at 5"));
    must(project.writer().runs().add_sample(run, {10, 1, "problem 1", "solution 1", "text 1 at 10"}));
    QTRY_COMPARE(table->model()->rowCount(), 3);
    QCOMPARE(cell(1).data(Qt::ForegroundRole).value<QColor>(), Theme::colour(Role::Text));
}

void TrainPageTest::a_run_by_reward_shows_its_curves_and_completions() {
    TrainProject project;
    RunConfig config = named("rewarded");
    config.reward = RewardSpec{};
    const std::int64_t run = project.add_running_run(config, 20, 60);
    project.write_rewards(run, 20, {10});
    Bench bench(&project);
    // Made with the first run by reward.
    QTRY_VERIFY(bench.page.findChild<CurveChart*>(QStringLiteral("reward_chart")) != nullptr);
    auto* chart = bench.page.findChild<CurveChart*>(QStringLiteral("reward_chart"));
    QTRY_COMPARE(chart->point_count(QStringLiteral("reward")), 20);
    QVERIFY(chart->isVisible());
    QCOMPARE(chart->point_count(QStringLiteral("validation/reward")), 2);
    QTRY_COMPARE(chart->point_count(QStringLiteral("reward/like the solution")), 20);
    auto* table = bench.page.findChild<QTableView*>(QStringLiteral("completions"));
    QTRY_VERIFY(table->isVisible());
    auto* model = qobject_cast<CompletionsModel*>(table->model());
    QCOMPARE(model->rowCount(), 2);
    // The best first; what is pulled up and what down.
    QCOMPARE(model->index(0, CompletionsModel::RewardColumn).data().toString(), QStringLiteral("0.750"));
    QCOMPARE(model->index(0, CompletionsModel::AdvantageColumn).data().toString(), QStringLiteral("+0.700"));
    QVERIFY(model->pull(0, 2) > 0 && model->pull(1, 1) < 0);
    QVERIFY(std::abs(model->pull(1, 1) + 0.7 * (1 - std::exp(-3.0))) < 1e-9);
    QCOMPARE(model->largest_pull(), std::abs(model->pull(1, 1)));
    const auto* delegate = qobject_cast<CompletionDelegate*>(table->itemDelegateForColumn(CompletionsModel::TextColumn));
    QVERIFY(delegate->tip_of(0, 2).contains(QStringLiteral("49.7 %")));
    // New ones come while it learns, and are shown at once.
    project.write_rewards(run, 20, {20});
    auto* steps = bench.page.findChild<CompletionsCard*>()->findChild<QComboBox*>();
    QTRY_COMPARE(steps->currentText(), QStringLiteral("step 20"));
    steps->setCurrentIndex(0);
    QCOMPARE(model->completion(0).step, std::int64_t{10});
    // A run without a reward has none of this.
    const std::int64_t plain = project.add_running_run(named("plain"), 5, 60);
    bench.page.show_run(plain);
    QTRY_VERIFY(!chart->isVisible());
    QVERIFY(!table->isVisible());
}

void TrainPageTest::events_are_told_in_words() {
    TrainProject project;
    const std::int64_t run = project.add_running_run(named("live"), 5, 60);
    Bench bench(&project);
    auto* events = bench.page.inspector()->findChild<EventList*>();
    QTRY_VERIFY(events->text().contains(QStringLiteral("Started from starter.")));
    must(project.writer().runs().add_event(run, 5, "validation", "Validation 0.31, best so far."));
    QTRY_VERIFY(events->text().contains(QStringLiteral("Validation 0.31, best so far.")));
    QCOMPARE(events->text().count(QStringLiteral("Started")), 1);
}

void TrainPageTest::the_estimate_stands_beside_the_form() {
    TrainProject project;
    Bench bench(&project);
    const auto says = [&](const QString& text) {
        for (const QLabel* label : bench.page.inspector()->findChildren<QLabel*>()) {
            if (label->text() == text) return true;
        }
        return false;
    };
    QTRY_VERIFY(says(QStringLiteral("410 MB")));
    QVERIFY(says(QStringLiteral("38 %")));
    QVERIFY(says(QStringLiteral("20")));
    bench.form().editor(QStringLiteral("max_steps"))->set_value(13);
    QTRY_VERIFY(says(QStringLiteral("The model's folder is empty.")));
    QVERIFY(!says(QStringLiteral("410 MB")));
}

void TrainPageTest::a_run_that_does_not_fit_is_changed_by_a_button() {
    TrainProject project;
    Bench bench(&project);
    auto* const advice = bench.page.inspector()->findChild<QLabel*>(QStringLiteral("advice"));
    auto* const button = bench.page.inspector()->findChild<QPushButton*>(QStringLiteral("change"));
    QTRY_VERIFY(bench.page.is_ready());
    QVERIFY(!button->isVisibleTo(bench.page.inspector()));
    bench.form().editor(QStringLiteral("per_device_train_batch_size"))->set_value(64);
    QTRY_VERIFY(advice->text().startsWith(QStringLiteral("The run needs about 90.0 GiB")));
    QVERIFY(button->isVisibleTo(bench.page.inspector()));
    button->click();
    QCOMPARE(bench.form().check()->per_device_train_batch_size, 16);
    QCOMPARE(bench.form().check()->gradient_accumulation_steps, 4);
    QTRY_VERIFY(!button->isVisibleTo(bench.page.inspector()));
    QVERIFY(advice->text().isEmpty());
}

void TrainPageTest::a_batch_script_is_made_from_the_form() {
    TrainProject project;
    Bench bench(&project);
    QTRY_VERIFY(bench.page.is_ready());
    bench.form().editor(QStringLiteral("max_steps"))->set_value(77);
    auto* const button = bench.page.findChild<QPushButton*>(QStringLiteral("batch_script"));
    QTRY_VERIFY(button->isEnabled());
    button->click();
    auto* const dialog = bench.page.findChild<SlurmDialog*>();
    QVERIFY(dialog != nullptr && dialog->isVisible());
    QVERIFY(dialog->script().contains(QStringLiteral("\"max_steps\":77")));
    QVERIFY(!dialog->script().contains(QStringLiteral("MASTER_ADDR")));
    dialog->findChild<QSpinBox*>(QStringLiteral("nodes"))->setValue(4);
    QVERIFY(dialog->script().contains(QStringLiteral("#SBATCH --nodes=4")));
    QVERIFY(dialog->script().contains(QStringLiteral("export MASTER_ADDR=")));
    dialog->findChild<QLineEdit*>(QStringLiteral("time"))->setText(QStringLiteral("; rm"));
    QVERIFY(dialog->script().isEmpty());
    dialog->findChild<QLineEdit*>(QStringLiteral("time"))->setText(QStringLiteral("1:00:00"));
    const QTemporaryDir folder;
    QVERIFY(dialog->save_to(folder.filePath(QStringLiteral("job.sbatch"))));
    QFile file(folder.filePath(QStringLiteral("job.sbatch")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readAll()), dialog->script());
}

}  // namespace lossmith::ui

#include "moc_TrainPageTest.cpp"
