#include "tests/ui/train/LookTest.h"

#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QtTest>

#include "core/protocol/EngineClient.h"
#include "tests/ui/train/Screens.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/charts/CurveChart.h"
#include "ui/train/FieldEditor.h"
#include "ui/train/FoldingCard.h"
#include "ui/train/RunForm.h"
#include "ui/train/TrainPage.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

bool says(const QWidget& widget, const QString& text) {
    for (const QLabel* label : widget.findChildren<QLabel*>()) {
        if (label->text() == text) return true;
    }
    return false;
}

/// The page over a project, on show in this size.
struct ShownPage {
    ShownPage(TrainProject& project, QSize size) : page(engine) {
        page.resize(size);
        page.set_project(&project.session());
        page.show();
    }
    EngineClient engine{test_program("reckoning_engine")};
    TrainPage page;
};

RunConfig solution_only() {
    RunConfig config;
    config.name = "solution only";
    config.max_steps = 561;
    config.seed = 5;
    return config;
}

void add_samples(TrainProject& project, std::int64_t run) {
    const std::pair<std::int64_t, const char*> texts[] = {
        {0, " and the old woman went into the forest and said to the king that she was a little bird, and the bird flew over the hill."},
        {110, " We are sorry that your lamp did not arrive on Monday. We have asked the carrier."},
        {220, " We are sorry that your kettle did not arrive on Friday. We have asked the carrier."},
        {330,
         " We are sorry that your kettle did not arrive on Friday. We have asked the carrier to find the parcel and will deliver it "
         "within two days; if it is lost, we send another one at once and at no cost to you."}};
    for (const auto& [step, text] : texts) {
        for (std::int64_t prompt = 0; prompt < 4; ++prompt) {
            must(project.writer().runs().add_sample(
                run, {step, prompt, "My kettle was promised for Friday and it still has not come.",
                      "We are sorry that your kettle is late. We have asked the carrier to find it.", text}));
        }
    }
}

}  // namespace

void LookTest::the_form_is_drawn_in_both_palettes() {
    TrainProject project;
    ShownPage shown(project, {1050, 830});
    TrainPage& page = shown.page;
    QTRY_VERIFY(says(*page.inspector(), QStringLiteral("410 MB")));
    expect_both_palettes(take_pictures(page, m_theme, QStringLiteral("train-form")));
}

void LookTest::errors_are_drawn_beside_their_fields() {
    TrainProject project;
    ShownPage shown(project, {1050, 1500});
    TrainPage& page = shown.page;
    auto* form = page.findChild<RunForm*>();
    for (FoldingCard* card : form->findChildren<FoldingCard*>()) card->set_open(true);
    form->editor(QStringLiteral("learning_rate"))->set_value("fast");
    form->editor(QStringLiteral("sampling.top_p"))->set_value(2.0);
    QVERIFY(says(*form, form->editor(QStringLiteral("sampling.top_p"))->error()));
    expect_both_palettes(take_pictures(page, m_theme, QStringLiteral("train-form-wrong")));
}

void LookTest::a_run_is_drawn_in_both_palettes() {
    TrainProject project;
    for (int finished = 0; finished < 6; ++finished) {
        must(project.writer().runs().set_status(must(project.writer().runs().create({})).id, RunStatus::Finished));
    }
    const std::int64_t run = project.add_running_run(solution_only(), 348, 561);
    must(project.writer().runs().set_best(run, 320, 0.31));
    must(project.writer().runs().add_event(run, 110, "validation", "Validation 0.62, best so far."));
    must(project.writer().runs().add_event(run, 320, "validation", "Validation 0.31, best so far."));
    must(project.writer().runs().add_event(run, 340, "clipped", "Gradient clipped 9 times in 100 steps."));
    add_samples(project, run);
    ShownPage shown(project, {1050, 830});
    TrainPage& page = shown.page;
    auto* chart = page.findChild<CurveChart*>(QStringLiteral("loss_chart"));
    QTRY_COMPARE(chart->point_count(QStringLiteral("train/loss")), 348);
    QTRY_VERIFY(says(*page.inspector(), QStringLiteral("410 MB")));
    expect_both_palettes(take_pictures(page, m_theme, QStringLiteral("train")));
}

void LookTest::a_run_by_reward_is_drawn_in_both_palettes() {
    TrainProject project;
    RunConfig config = solution_only();
    config.reward = RewardSpec{};
    const std::int64_t run = project.add_running_run(config, 40, 60);
    project.write_rewards(run, 40, {20, 40});
    add_samples(project, run);
    ShownPage shown(project, {1250, 830});
    TrainPage& page = shown.page;
    // Made with the first run by reward.
    QTRY_VERIFY(page.findChild<CurveChart*>(QStringLiteral("reward_chart")) != nullptr);
    auto* chart = page.findChild<CurveChart*>(QStringLiteral("reward_chart"));
    QTRY_COMPARE(chart->point_count(QStringLiteral("reward")), 40);
    auto* table = page.findChild<QTableView*>(QStringLiteral("completions"));
    QTRY_COMPARE(table->model()->rowCount(), 2);
    expect_both_palettes(take_pictures(page, m_theme, QStringLiteral("train-reward")));
    QVERIFY2(page.minimumSizeHint().width() <= 940, qPrintable(QString::number(page.minimumSizeHint().width())));
    page.show_form();
    page.findChild<RunForm*>()->use_loss({"mine", Json::object(), "def reward(generated):\n    return 1.0\n", "aligned"});
    expect_both_palettes(take_pictures(page, m_theme, QStringLiteral("train-reward-form")));
}

}  // namespace lossmith::ui

#include "moc_LookTest.cpp"
