// The Playground page, driven as a user would, against an engine whose texts are known.
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "tests/ui/compare/FakeProject.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/generation/SamplingForm.h"
#include "ui/playground/AlternativesPopup.h"
#include "ui/playground/GenerationPane.h"
#include "ui/playground/HistoryModel.h"
#include "ui/playground/PlaygroundPage.h"
#include "ui/playground/PromptEditor.h"
#include "ui/playground/TokenTextView.h"
#include "ui/widgets/ErrorBanner.h"

namespace lossmith::ui {
namespace {

struct Bench {
    explicit Bench(FakeProject& project) : engine(FakeProject::engine_program()), page(engine) {
        page.resize(1200, 800);
        page.inspector()->resize(320, 800);
        page.set_project(&project.session());
        page.show();
    }
    [[nodiscard]] QPushButton* button(const char* name) { return page.findChild<QPushButton*>(QString::fromLatin1(name)); }
    [[nodiscard]] QPlainTextEdit* editor() { return page.prompt()->editor(); }
    [[nodiscard]] TokenTextView* tuned() { return page.tuned()->view(); }
    [[nodiscard]] QString tuned_text() { return QString::fromStdString(text_of(tuned()->tokens())); }
    void type(const QString& text) {
        editor()->selectAll();
        QTest::keyClicks(editor(), text);
    }
    [[nodiscard]] bool generate() {
        QSignalSpy finished(&page, &PlaygroundPage::finished);
        if (!QTest::qWaitFor([this] { return button("generate")->isEnabled(); })) return false;
        QTest::mouseClick(button("generate"), Qt::LeftButton);
        return finished.count() > 0 || finished.wait(10'000);
    }
    [[nodiscard]] bool waits_for_history(int rows) {
        return QTest::qWaitFor([this, rows] { return page.history()->rowCount() == rows; });
    }

    EngineClient engine;
    PlaygroundPage page;
};

}  // namespace

class TestPlayground : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { FakeProject::use_own_settings(); }
    void init() { QSettings().clear(); }

    void a_problem_goes_through_the_template_and_comes_back_in_tokens();
    void text_as_it_stands_is_sent_as_it_stands();
    void what_the_model_sees_is_shown_either_way();
    void a_space_at_the_end_is_warned_of();
    void stopping_keeps_what_came();
    void both_models_answer_when_asked_to();
    void pointing_at_a_token_shows_its_alternatives();
    void clicking_an_alternative_goes_on_from_it();
    void branching_again_replaces_the_earlier_branch();
    void everything_is_reached_by_keyboard();
    void a_line_of_the_history_can_be_had_again();
    void a_branch_can_be_had_again_too();
    void a_line_written_again_is_held_against_what_it_was();
    void several_models_answer_beside_one_another();
    void history_is_there_when_the_page_opens();
    void the_page_is_ready_when_the_project_is_read();
    void a_prompt_is_kept_and_forgotten();
    void a_failing_engine_is_reported_in_the_page();
    void nothing_is_asked_without_a_prompt_or_with_wrong_settings();
};

void TestPlayground::a_problem_goes_through_the_template_and_comes_back_in_tokens() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("Wash the cup"));
    QSignalSpy finished(&bench.page, &PlaygroundPage::finished);
    QVERIFY(bench.generate());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the cup."));
    QCOMPARE(bench.tuned()->tokens().size(), 5U);
    QCOMPARE(bench.tuned()->tokens()[0].probability, 0.9);
    QCOMPARE(bench.tuned()->tokens()[0].top.size(), 3U);
    QVERIFY(bench.waits_for_history(1));
    QCOMPARE(bench.page.history()->generation(0).prompt, std::string("Problem: Wash the cup\nSolution:"));
}

void TestPlayground::text_as_it_stands_is_sent_as_it_stands() {
    FakeProject project;
    Bench bench(project);
    bench.page.prompt()->set_through_template(false);
    bench.type(QStringLiteral("The old woman"));
    QVERIFY(bench.generate());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" and then woman."));
}

void TestPlayground::what_the_model_sees_is_shown_either_way() {
    PromptEditor editor;
    TemplateSpec spec;
    spec.prompt = "Q: {problem}\nA:";
    spec.start_token = "<|endoftext|>";
    editor.set_template(spec);
    editor.set_typed("Why <b>?");
    auto* seen = editor.findChild<QLabel*>(QStringLiteral("seen_prompt"));
    QCOMPARE(seen->text(), QStringLiteral("&lt;|endoftext|&gt;Q: Why &lt;b&gt;?⏎<br>A:"));
    QCOMPARE(editor.prompt(), std::string("<|endoftext|>Q: Why <b>?\nA:"));
    editor.set_through_template(false);
    QCOMPARE(seen->text(), QStringLiteral("Why &lt;b&gt;?"));
    QCOMPARE(editor.prompt(), std::string("Why <b>?"));
}

void TestPlayground::a_space_at_the_end_is_warned_of() {
    PromptEditor editor;
    auto* warning = editor.findChild<QLabel*>(QStringLiteral("prompt_warning"));
    editor.set_typed("Solution: ");
    QVERIFY(warning->isHidden());
    editor.set_through_template(false);
    QVERIFY(!warning->isHidden());
    QVERIFY(editor.findChild<QLabel*>(QStringLiteral("seen_prompt"))->text().endsWith(QStringLiteral("<b>·</b>")));
    editor.set_typed("Solution:");
    QVERIFY(warning->isHidden());
}

void TestPlayground::stopping_keeps_what_came() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("ENDLESS"));
    QTRY_VERIFY(bench.button("generate")->isEnabled());
    QTest::mouseClick(bench.button("generate"), Qt::LeftButton);
    QTRY_VERIFY(bench.tuned()->tokens().size() > 3);
    QVERIFY(bench.button("stop")->isEnabled());
    QTest::mouseClick(bench.button("stop"), Qt::LeftButton);
    QVERIFY(!bench.page.is_generating());
    const std::size_t kept = bench.tuned()->tokens().size();
    QVERIFY(bench.waits_for_history(1));
    QCOMPARE(bench.tuned()->tokens().size(), kept);
    QCOMPARE(bench.page.history()->generation(0).details["stopped_by"], Json("stopped"));
    bench.type(QStringLiteral("Wash the cup"));
    QVERIFY(bench.generate());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the cup."));
}

void TestPlayground::both_models_answer_when_asked_to() {
    FakeProject project;
    Bench bench(project);
    bench.page.set_two_models(true);
    bench.type(QStringLiteral("Wash the cup"));
    QVERIFY(bench.generate());
    QTRY_VERIFY(!bench.page.is_generating());
    QCOMPARE(QString::fromStdString(text_of(bench.page.base()->view()->tokens())), QStringLiteral(" Once upon a time there was a king."));
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the cup."));
    QVERIFY(bench.waits_for_history(2));
}

void TestPlayground::pointing_at_a_token_shows_its_alternatives() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("An odd cup"));
    QVERIFY(bench.generate());
    QTest::mouseMove(bench.tuned()->viewport(), bench.tuned()->rectangle_of(3).center());
    QVERIFY(bench.page.alternatives()->isVisible());
    QCOMPARE(bench.page.alternatives()->count(), 3);
    auto* list = bench.page.alternatives()->findChild<QListWidget*>();
    QCOMPARE(list->item(0)->text(), QStringLiteral("·lamp"));
    QCOMPARE(list->item(1)->text(), QStringLiteral("·vase"));
    QTest::mouseMove(bench.tuned()->viewport(), QPoint(5, bench.tuned()->viewport()->height() - 3));
    QTRY_VERIFY(!bench.page.alternatives()->isVisible());
}

void TestPlayground::clicking_an_alternative_goes_on_from_it() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("An odd cup"));
    QVERIFY(bench.generate());
    QTest::mouseClick(bench.tuned()->viewport(), Qt::LeftButton, {}, bench.tuned()->rectangle_of(3).center());
    auto* list = bench.page.alternatives()->findChild<QListWidget*>();
    QSignalSpy finished(&bench.page, &PlaygroundPage::finished);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
    QVERIFY(finished.count() > 0 || finished.wait());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the vase and then vase."));
    QVERIFY(bench.tuned()->tokens()[3].forced);
    QVERIFY(!bench.tuned()->tokens()[2].forced);
    QVERIFY(bench.waits_for_history(2));
    QCOMPARE(bench.page.history()->generation(0).prompt, std::string("Problem: An odd cup\nSolution: Please wipe the vase"));
    QCOMPARE(bench.page.history()->generation(0).text, std::string(" and then vase."));
}

void TestPlayground::branching_again_replaces_the_earlier_branch() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("An odd cup"));
    QVERIFY(bench.generate());
    const auto branch = [&](int at, int alternative) {
        QSignalSpy finished(&bench.page, &PlaygroundPage::finished);
        QTest::mouseClick(bench.tuned()->viewport(), Qt::LeftButton, {}, bench.tuned()->rectangle_of(at).center());
        auto* list = bench.page.alternatives()->findChild<QListWidget*>();
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(alternative)).center());
        return finished.count() > 0 || finished.wait();
    };
    QVERIFY(branch(3, 1));
    QVERIFY(branch(1, 2));
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please teapot and then teapot."));
    QVERIFY(branch(0, 1));
    QCOMPARE(bench.tuned_text(), QStringLiteral(" vase and then vase."));
    QVERIFY(bench.waits_for_history(4));
    QCOMPARE(bench.page.history()->generation(0).prompt, std::string("Problem: An odd cup\nSolution: vase"));
}

void TestPlayground::everything_is_reached_by_keyboard() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("An odd cup"));
    QTRY_VERIFY(bench.button("generate")->isEnabled());
    QSignalSpy finished(&bench.page, &PlaygroundPage::finished);
    bench.page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&bench.page));
    QTest::keyClick(bench.editor(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(finished.count() > 0 || finished.wait());
    bench.tuned()->setFocus(Qt::TabFocusReason);
    QCOMPARE(bench.tuned()->current(), 0);
    for (int i = 0; i < 3; ++i) QTest::keyClick(bench.tuned(), Qt::Key_Right);
    QCOMPARE(bench.tuned()->current(), 3);
    QVERIFY(bench.tuned()->accessibleDescription().contains(QStringLiteral("·lamp")));
    QTest::keyClick(bench.tuned(), Qt::Key_Return);
    auto* list = bench.page.alternatives()->findChild<QListWidget*>();
    QVERIFY(list->hasFocus());
    QTest::keyClick(list, Qt::Key_Escape);
    QVERIFY(!bench.page.alternatives()->isVisible());
    QVERIFY(bench.tuned()->hasFocus());
    QTest::keyClick(bench.tuned(), Qt::Key_Return);
    QTest::keyClick(list, Qt::Key_Down);
    finished.clear();
    QTest::keyClick(list, Qt::Key_Return);
    QVERIFY(finished.count() > 0 || finished.wait());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the vase and then vase."));
}

void TestPlayground::a_line_of_the_history_can_be_had_again() {
    FakeProject project;
    Bench bench(project);
    SamplingConfig sampled;
    sampled.do_sample = true;
    sampled.temperature = 0.7;
    sampled.seed = 18446744073709551557U;
    bench.page.sampling()->set_config(sampled);
    bench.type(QStringLiteral("Wash the cup"));
    QVERIFY(bench.generate());
    const QString first = bench.tuned_text();
    QCOMPARE(first, QStringLiteral(" Please wipe the cup. Seed 18446744073709551557."));
    bench.page.sampling()->set_config({});
    bench.type(QStringLiteral("Wash the plate"));
    QVERIFY(bench.generate());
    QVERIFY(bench.waits_for_history(2));
    bench.page.have_again(1);
    QCOMPARE(bench.tuned_text(), first);
    QCOMPARE(bench.editor()->toPlainText(), QStringLiteral("Wash the cup"));
    QVERIFY(bench.page.sampling()->config() == sampled);
    QVERIFY(bench.generate());
    QCOMPARE(bench.tuned_text(), first);
}

void TestPlayground::a_branch_can_be_had_again_too() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("An odd cup"));
    QVERIFY(bench.generate());
    QTest::mouseClick(bench.tuned()->viewport(), Qt::LeftButton, {}, bench.tuned()->rectangle_of(3).center());
    auto* list = bench.page.alternatives()->findChild<QListWidget*>();
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
    QVERIFY(bench.waits_for_history(2));
    bench.page.have_again(1);
    bench.page.have_again(0);
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the vase and then vase."));
    QVERIFY(bench.tuned()->tokens()[3].forced);
    QCOMPARE(bench.editor()->toPlainText(), QStringLiteral("An odd cup"));
    QSignalSpy again(bench.page.tuned(), &GenerationPane::written_again);
    bench.page.write_again(0);
    QTRY_COMPARE(again.count(), 1);
    QVERIFY(again.front().front().toBool());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the vase and then vase."));
    QVERIFY(bench.generate());
    QCOMPARE(bench.tuned_text(), QStringLiteral(" Please wipe the lamp."));
}

void TestPlayground::a_line_written_again_is_held_against_what_it_was() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("Wash the cup"));
    QVERIFY(bench.generate());
    QVERIFY(bench.waits_for_history(1));
    bench.page.findChild<QTableView*>(QStringLiteral("history"))->selectRow(0);
    QSignalSpy told(&bench.page, &Page::status_message);
    QTest::mouseClick(bench.button("write_again"), Qt::LeftButton);
    QTRY_COMPARE(told.count(), 1);
    QCOMPARE(told.front().front().toString(), QStringLiteral("The same tokens came again."));
    QVERIFY(bench.waits_for_history(2));
    // Other tokens than were kept: the page says so.
    Generation other = bench.page.history()->generation(0);
    other.details["tokens"][3][0] = 5;
    QSignalSpy again(bench.page.tuned(), &GenerationPane::written_again);
    bench.page.tuned()->write_again(other, project.session().path().string());
    QTRY_COMPARE(again.count(), 1);
    QVERIFY(!again.front().front().toBool());
}

void TestPlayground::several_models_answer_beside_one_another() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.page.is_ready());
    QTest::mouseClick(bench.button("add_model"), Qt::LeftButton);
    bench.page.set_two_models(true);
    QCOMPARE(bench.page.panes().size(), 3U);
    GenerationPane* third = bench.page.panes()[2];
    QCOMPARE(third->picker()->currentText(), QStringLiteral("careful, step 6"));
    bench.type(QStringLiteral("Wash the cup"));
    QVERIFY(bench.generate());
    QTRY_VERIFY(!bench.page.is_generating());
    QCOMPARE(QString::fromStdString(text_of(bench.page.panes()[0]->view()->tokens())),
             QStringLiteral(" Once upon a time there was a king."));
    QCOMPARE(QString::fromStdString(text_of(third->view()->tokens())), QStringLiteral(" Please wipe the cup."));
    QVERIFY(bench.waits_for_history(3));
    QTest::mouseClick(third->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(bench.page.panes().size(), 2U);
}

void TestPlayground::history_is_there_when_the_page_opens() {
    FakeProject project;
    {
        Bench bench(project);
        bench.type(QStringLiteral("Wash the cup"));
        QVERIFY(bench.generate());
        QVERIFY(bench.waits_for_history(1));
    }
    Bench bench(project);
    QVERIFY(bench.waits_for_history(1));
    const auto cell = [&](int column) { return bench.page.history()->index(0, column).data().toString(); };
    QCOMPARE(cell(HistoryModel::Model), QStringLiteral("careful, best (step 12)"));
    QCOMPARE(cell(HistoryModel::Prompt), QStringLiteral("Wash the cup"));
    QCOMPARE(cell(HistoryModel::Text), QStringLiteral("Please wipe the cup."));
    QCOMPARE(cell(HistoryModel::Settings), QStringLiteral("greedy · 60 tokens"));
}

void TestPlayground::the_page_is_ready_when_the_project_is_read() {
    FakeProject project;
    Bench bench(project);
    QSignalSpy ready(&bench.page, &Page::ready);
    QVERIFY(!bench.page.is_ready());
    QTRY_COMPARE(ready.count(), 1);
    QVERIFY(bench.page.is_ready());
    QVERIFY(bench.page.tuned()->picker()->choice().has_value());
    bench.page.set_project(nullptr);
    QVERIFY(bench.page.is_ready());
}

void TestPlayground::a_prompt_is_kept_and_forgotten() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(!bench.button("keep_prompt")->isEnabled());
    bench.type(QStringLiteral("Wash the cup"));
    QTest::mouseClick(bench.button("keep_prompt"), Qt::LeftButton);
    QTRY_COMPARE(bench.page.prompt()->kept_prompts().size(), 1U);
    QVERIFY(bench.button("kept_prompts")->isEnabled());
    bench.type(QStringLiteral("Something else"));
    bench.page.prompt()->use(bench.page.prompt()->kept_prompts().front());
    QCOMPARE(bench.editor()->toPlainText(), QStringLiteral("Wash the cup"));
    Q_EMIT bench.page.prompt()->forget_wanted(bench.page.prompt()->kept_prompts().front().id);
    QTRY_COMPARE(bench.page.prompt()->kept_prompts().size(), 0U);
}

void TestPlayground::a_failing_engine_is_reported_in_the_page() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("FAIL"));
    QTRY_VERIFY(bench.button("generate")->isEnabled());
    QTest::mouseClick(bench.button("generate"), Qt::LeftButton);
    auto* banner = bench.page.findChild<ErrorBanner*>();
    QTRY_VERIFY(banner->text().contains(QStringLiteral("The weights of this model are damaged.")));
    QVERIFY(bench.button("generate")->isEnabled());
    QCOMPARE(bench.page.history()->rowCount(), 0);
}

void TestPlayground::nothing_is_asked_without_a_prompt_or_with_wrong_settings() {
    FakeProject project;
    Bench bench(project);
    bench.type(QStringLiteral("Wash"));
    QTRY_VERIFY(bench.button("generate")->isEnabled());
    SamplingConfig wrong;
    wrong.do_sample = true;
    wrong.num_beams = 3;
    bench.page.sampling()->set_config(wrong);
    QVERIFY(!bench.button("generate")->isEnabled());
    QVERIFY(!bench.page.inspector()->findChild<QLabel*>(QStringLiteral("sampling_error"))->text().isEmpty());
    bench.page.sampling()->set_config({});
    QVERIFY(bench.button("generate")->isEnabled());
    bench.editor()->clear();
    QVERIFY(!bench.button("generate")->isEnabled());
}

}  // namespace lossmith::ui

int main(int count, char** values) {
    return lossmith::test::run_window_tests<lossmith::ui::TestPlayground>(count, values);
}

#include "test_playground.moc"
