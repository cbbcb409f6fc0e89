// The Compare page, driven as a user would, against an engine whose texts are known.
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QToolTip>
#include <QtTest>

#include "core/base/Files.h"
#include "core/project/PromptStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "tests/ui/compare/FakeProject.h"
#include "ui/compare/BlindVoteView.h"
#include "ui/compare/ComparePage.h"
#include "ui/compare/CompareSetup.h"
#include "ui/compare/ComparisonInspector.h"
#include "ui/compare/ComparisonModel.h"
#include "ui/compare/ComparisonTable.h"
#include "ui/compare/ScoreCards.h"
#include "ui/generation/SamplingForm.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/StatCard.h"

namespace lossmith::ui {
namespace {

/// Of a comparison with one tuned model.
constexpr int problem_column = 0;
constexpr int base_column = 1;
constexpr int tuned_column = 2;
constexpr int score_column = 3;
constexpr int gain_column = 4;

/// The page as the window holds it: with a project and its inspector beside it.
struct Bench {
    explicit Bench(FakeProject& project, const QString& program = FakeProject::engine_program()) : engine(program), page(engine) {
        page.resize(1200, 760);
        page.inspector()->resize(320, 760);
        page.set_project(&project.session());
        page.show();
    }
    [[nodiscard]] QPushButton* generate_button() { return page.findChild<QPushButton*>(QStringLiteral("generate")); }
    [[nodiscard]] ComparisonTable* table() { return page.findChild<ComparisonTable*>(); }
    [[nodiscard]] ErrorBanner* error() { return page.findChild<ErrorBanner*>(); }
    [[nodiscard]] QLabel* in_inspector(const char* name) { return page.inspector()->findChild<QLabel*>(QString::fromLatin1(name)); }
    [[nodiscard]] QString label(const char* name) {
        const auto* found = page.findChild<QLabel*>(QString::fromLatin1(name));
        return found == nullptr ? QString() : found->text();
    }
    [[nodiscard]] bool is_ready() { return generate_button()->isEnabled(); }
    [[nodiscard]] bool generate() {
        QSignalSpy finished(&page, &ComparePage::finished);
        if (!QTest::qWaitFor([this] { return is_ready(); })) return false;
        QTest::mouseClick(generate_button(), Qt::LeftButton);
        return finished.count() > 0 || finished.wait(10'000);
    }

    EngineClient engine;
    ComparePage page;
};

QString text_of(const ComparisonModel& model, int row, int column) {
    return model.index(row, column).data().toString();
}

}  // namespace

class TestCompare : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { FakeProject::use_own_settings(); }
    void init() { QSettings().clear(); }

    void without_a_project_it_says_what_to_do();
    void without_a_run_it_sends_the_user_to_train();
    void both_models_answer_every_held_out_row();
    void texts_come_in_token_by_token();
    void cards_tell_the_means_before_and_after();
    void stopping_ends_it_at_once_and_it_can_start_again();
    void what_was_written_once_is_taken_from_the_project();
    void a_comparison_is_there_again_when_the_page_opens();
    void a_click_on_gain_sorts_the_greatest_first();
    void words_unlike_the_true_solution_are_marked();
    void the_inspector_says_where_they_differ_and_how_sure_the_model_was();
    void typed_prompts_need_no_solution();
    void a_choice_made_just_before_does_not_take_the_texts_away();
    void prompts_come_from_a_file();
    void a_failing_engine_is_reported_in_the_page();
    void a_dying_engine_is_reported_and_the_next_try_works();
    void a_vote_hides_the_sides_and_tells_the_result();
    void choices_made_during_a_vote_wait_for_its_end();
    void a_vote_is_the_same_for_the_same_seed();
    void exports_are_whole_in_every_format();
    void nothing_is_exported_before_anything_is_written();
    void a_row_can_be_taken_to_the_playground();
    void another_project_ends_what_is_under_way();
    void wrong_settings_ask_the_engine_nothing();
    void the_model_keeps_the_rules_of_item_models();
    void several_checkpoints_stand_side_by_side_each_against_the_base();
    void any_score_is_shown_and_sorted_by_its_gain();
    void perplexity_is_asked_of_the_engine_once_and_kept();
    void a_word_under_the_pointer_tells_its_probabilities();
    void a_vote_among_several_tells_of_each();
};

void TestCompare::without_a_project_it_says_what_to_do() {
    EngineClient engine(FakeProject::engine_program());
    ComparePage page(engine);
    page.show();
    QSignalSpy wanted(&page, &Page::page_wanted);
    auto* empty = page.findChild<EmptyState*>();
    QVERIFY(empty->isVisible());
    QTest::mouseClick(empty->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(wanted.takeFirst().first().toString(), QStringLiteral("start"));
}

void TestCompare::without_a_run_it_sends_the_user_to_train() {
    FakeProject project({}, false);
    Bench bench(project);
    QSignalSpy wanted(&bench.page, &Page::page_wanted);
    auto* empty = bench.page.findChild<EmptyState*>();
    QTRY_COMPARE(empty->findChild<QPushButton*>()->text(), QStringLiteral("Train a model"));
    QTest::mouseClick(empty->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(wanted.takeFirst().first().toString(), QStringLiteral("train"));
    QVERIFY(!bench.is_ready());
}

void TestCompare::both_models_answer_every_held_out_row() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    const ComparisonModel& model = *bench.page.model();
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(text_of(model, 0, problem_column), QStringLiteral("Wipe the vase"));
    QCOMPARE(text_of(model, 0, base_column), QStringLiteral(" Once upon a time there was a king."));
    QCOMPARE(text_of(model, 0, tuned_column), QStringLiteral(" Please wipe the vase."));
    QCOMPARE(text_of(model, 0, score_column), QStringLiteral("1.00"));
    QCOMPARE(text_of(model, 0, gain_column), QStringLiteral("+1.00"));
    QCOMPARE(model.row_at(0).prompt, std::string("Problem: Wipe the vase\nSolution:"));
    QCOMPARE(model.complete_rows(), 3);
}

void TestCompare::texts_come_in_token_by_token() {
    FakeProject project;
    Bench bench(project);
    QStringList seen;
    connect(bench.page.model(), &QAbstractItemModel::dataChanged, this, [&](const QModelIndex& first) {
        if (first.row() == 0) seen += text_of(*bench.page.model(), 0, tuned_column);
    });
    QVERIFY(bench.generate());
    QVERIFY(seen.contains(QStringLiteral(" Please")));
    QVERIFY(seen.contains(QStringLiteral(" Please wipe the")));
    QCOMPARE(seen.last(), QStringLiteral(" Please wipe the vase."));
}

void TestCompare::cards_tell_the_means_before_and_after() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    auto* cards = bench.page.findChild<ScoreCards*>();
    QTRY_COMPARE(cards->card(QStringLiteral("exact_match"))->accessibleDescription(), QStringLiteral("before 0 %, after 67 %"));
    QVERIFY(cards->card(QStringLiteral("rouge_l"))->isVisible());
    QVERIFY(!cards->card(QStringLiteral("number_match"))->isVisible());
    QVERIFY(cards->card(QStringLiteral("copied_share"))->accessibleDescription().endsWith(QStringLiteral("after 83 %")));
    QCOMPARE(bench.page.model()->comparison().summaries.at(0).at("exact_match").rows, 3);
}

void TestCompare::stopping_ends_it_at_once_and_it_can_start_again() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    bench.page.setup()->set_source(PromptSource::Typed);
    bench.page.setup()->set_typed(QStringLiteral("ENDLESS story"));
    QTest::mouseClick(bench.generate_button(), Qt::LeftButton);
    QTRY_VERIFY(bench.page.model()->rowCount() == 1 && !text_of(*bench.page.model(), 0, base_column).isEmpty());
    QVERIFY(bench.page.is_generating());
    QSignalSpy finished(&bench.page, &ComparePage::finished);
    bench.page.stop();
    QCOMPARE(finished.count(), 1);
    QVERIFY(!bench.page.is_generating());
    QVERIFY(text_of(*bench.page.model(), 0, base_column).isEmpty());
    QVERIFY(bench.error()->text().isEmpty());
    bench.page.setup()->set_source(PromptSource::HeldOut);
    QVERIFY(bench.generate());
    QCOMPARE(bench.page.model()->complete_rows(), 3);
}

void TestCompare::what_was_written_once_is_taken_from_the_project() {
    FakeProject project;
    {
        Bench bench(project);
        QVERIFY(bench.generate());
    }
    Bench bench(project);
    // Only the starter's weights are not known to the project; a folder without weights is never kept under a digest.
    QSignalSpy told(&bench.page, &Page::status_message);
    QVERIFY(bench.generate());
    QCOMPARE(bench.page.model()->complete_rows(), 3);
    QVERIFY(!told.isEmpty());
    QVERIFY(told.first().first().toString().contains(QStringLiteral("not written again")));
}

void TestCompare::a_comparison_is_there_again_when_the_page_opens() {
    FakeProject project;
    {
        Bench bench(project);
        QVERIFY(bench.generate());
    }
    Bench bench(project, QStringLiteral("/no/such/engine"));
    QVERIFY(!bench.page.is_ready());
    QTRY_VERIFY(bench.page.is_ready());
    QVERIFY(bench.page.model()->rowCount() == 3 && bench.page.model()->is_complete(0, 1));
    QCOMPARE(text_of(*bench.page.model(), 2, tuned_column), QStringLiteral(" Please wipe the mirror."));
    QVERIFY(bench.table()->isVisible());
    QVERIFY(!bench.page.is_generating());
}

void TestCompare::a_click_on_gain_sorts_the_greatest_first() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    QHeaderView* header = bench.table()->horizontalHeader();
    const QPoint on_gain(header->sectionViewportPosition(gain_column) + 10, header->height() / 2);
    const auto gain_of_view_row = [&](int row) {
        return bench.table()->model()->index(row, gain_column).data(ComparisonModel::SortRole).toDouble();
    };
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, on_gain);
    QVERIFY(gain_of_view_row(0) <= gain_of_view_row(1) && gain_of_view_row(1) <= gain_of_view_row(2));
    QVERIFY(gain_of_view_row(0) < gain_of_view_row(2));
    QCOMPARE(bench.table()->row_in_model(0), 1);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, on_gain);
    QVERIFY(gain_of_view_row(0) > gain_of_view_row(2));
    QCOMPARE(bench.table()->row_in_model(2), 1);
}

void TestCompare::words_unlike_the_true_solution_are_marked() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    const auto marks = [&](int row) {
        QStringList words;
        const QModelIndex cell = bench.page.model()->index(row, tuned_column);
        for (const auto& mark : cell.data(ComparisonModel::MarksRole).value<QList<ComparisonModel::TextMark>>())
            words += cell.data().toString().mid(mark.start, mark.length);
        return words;
    };
    QCOMPARE(marks(1), QStringList{QStringLiteral("lamp")});
    QCOMPARE(marks(0), QStringList{});
}

void TestCompare::the_inspector_says_where_they_differ_and_how_sure_the_model_was() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    bench.table()->setFocus();
    bench.table()->setCurrentIndex(bench.table()->model()->index(1, 0));
    QCOMPARE(bench.in_inspector("problem")->text(), QStringLiteral("An odd smell in the kettle"));
    QCOMPARE(bench.in_inspector("solution")->text(), QStringLiteral("Please wipe the kettle."));
    QVERIFY(bench.in_inspector("difference")->text().contains(QStringLiteral(">lamp</s>")));
    QVERIFY(bench.in_inspector("difference")->text().contains(QStringLiteral(">kettle</span>")));
    QCOMPARE(bench.in_inspector("doubt")->text(), QStringLiteral("At “lamp”: ·lamp 0.04, ·vase 0.05, ·teapot 0.01."));
    bench.table()->setCurrentIndex(bench.table()->model()->index(0, 0));
    QCOMPARE(bench.in_inspector("difference")->text(), QStringLiteral("Nowhere: they are equal."));
}

void TestCompare::typed_prompts_need_no_solution() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    bench.page.setup()->set_source(PromptSource::Typed);
    bench.page.setup()->set_typed(QStringLiteral("Wash the cup\n\nWash the plate\tPlease wipe the plate."));
    QVERIFY(bench.generate());
    const ComparisonModel& model = *bench.page.model();
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(text_of(model, 0, tuned_column), QStringLiteral(" Please wipe the cup."));
    QCOMPARE(text_of(model, 0, score_column), QString());
    QCOMPARE(text_of(model, 1, score_column), QStringLiteral("1.00"));
}

void TestCompare::a_choice_made_just_before_does_not_take_the_texts_away() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    bench.page.setup()->set_source(PromptSource::Typed);
    bench.page.setup()->set_typed(QStringLiteral("Wash the cup"));
    QVERIFY(bench.generate());
    QSignalSpy emptied(bench.page.model(), &QAbstractItemModel::modelReset);
    QTest::qWait(500);  // by then choices have settled
    QCOMPARE(emptied.count(), 0);
    QCOMPARE(bench.page.model()->complete_rows(), 1);
}

void TestCompare::prompts_come_from_a_file() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    QVERIFY(write_file_atomically(project.file(QStringLiteral("prompts.csv")).toStdString(),
                                  "problem,solution\nWash the fork,Please wipe the fork.\nWash the knife,Please wipe the knife.\n"));
    bench.page.setup()->set_file(project.file(QStringLiteral("prompts.csv")));
    bench.page.setup()->set_limit(1);
    QVERIFY(bench.generate());
    QCOMPARE(bench.page.model()->rowCount(), 1);
    QCOMPARE(text_of(*bench.page.model(), 0, tuned_column), QStringLiteral(" Please wipe the fork."));
    bench.page.setup()->set_file(project.file(QStringLiteral("missing.csv")));
    QTest::mouseClick(bench.generate_button(), Qt::LeftButton);
    QTRY_VERIFY(!bench.error()->text().isEmpty());
}

void TestCompare::a_failing_engine_is_reported_in_the_page() {
    FakeProject project(std::vector<FakeProject::Row>{{"FAIL at this", "Never."}});
    Bench bench(project);
    QVERIFY(bench.generate());
    QVERIFY(bench.error()->text().contains(QStringLiteral("The weights of this model are damaged.")));
    QVERIFY(bench.is_ready());
    QCOMPARE(bench.page.model()->complete_rows(), 0);
}

void TestCompare::a_dying_engine_is_reported_and_the_next_try_works() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    bench.page.setup()->set_source(PromptSource::Typed);
    bench.page.setup()->set_typed(QStringLiteral("CRASH now"));
    QVERIFY(bench.generate());
    QVERIFY(!bench.error()->text().isEmpty());
    bench.page.setup()->set_source(PromptSource::HeldOut);
    QVERIFY(bench.generate());
    QVERIFY(bench.error()->text().isEmpty());
    QCOMPARE(bench.page.model()->complete_rows(), 3);
}

void TestCompare::a_vote_hides_the_sides_and_tells_the_result() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("vote_blind")), Qt::LeftButton);
    auto* view = bench.page.findChild<BlindVoteView*>();
    QVERIFY(view->isVisible());
    for (int pair = 0; pair < 2; ++pair) {
        const bool tuned_is_first = view->findChild<QLabel*>(QStringLiteral("vote_first"))->text().startsWith(QStringLiteral("Please"));
        QTest::keyClick(view, tuned_is_first ? Qt::Key_1 : Qt::Key_2);
    }
    Q_EMIT project.session().changed();
    bool answered = false;
    project.session().ask(this, [](Project&) { return 0; }, [&](int) { answered = true; });
    QTRY_VERIFY(answered);
    QVERIFY(view->isVisible());
    QTest::keyClick(view, Qt::Key_1);
    QTest::keyClick(view, Qt::Key_Backspace);
    QTest::mouseClick(view->findChild<QPushButton*>(QStringLiteral("vote_neither")), Qt::LeftButton);
    QVERIFY(view->vote()->is_over());
    QCOMPARE(view->result_text(), QStringLiteral("Tuned was better 2 times, base 0 times, neither once; p = 0.50 by the sign test."));
    QTest::mouseClick(view->findChild<QPushButton*>(QStringLiteral("vote_close")), Qt::LeftButton);
    QVERIFY(bench.table()->isVisible());
}

void TestCompare::choices_made_during_a_vote_wait_for_its_end() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("vote_blind")), Qt::LeftButton);
    QSignalSpy replaced(bench.page.model(), &QAbstractItemModel::modelReset);
    SamplingConfig other = bench.page.sampling()->config();
    other.max_new_tokens = 7;
    bench.page.sampling()->set_config(other);
    bench.page.generate();
    QTest::qWait(500);
    QCOMPARE(replaced.count(), 0);
    QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("vote_close")), Qt::LeftButton);
    QTRY_VERIFY(replaced.count() > 0);
}

void TestCompare::a_vote_is_the_same_for_the_same_seed() {
    std::vector<ComparisonRow> rows;
    for (int i = 0; i < 40; ++i)
        rows.push_back({std::to_string(i), {}, {}, {{"base " + std::to_string(i), {}}, {"tuned " + std::to_string(i), {}}}});
    rows.push_back({"equal", {}, {}, {{"the same", {}}, {"the same ", {}}}});
    const auto order = [&](std::uint64_t seed) {
        std::vector<std::pair<std::string, bool>> ballots;
        for (BlindVote vote(rows, seed); !vote.is_over(); vote.cast(Vote::First))
            ballots.emplace_back(vote.current().problem, vote.current().first_is_tuned);
        return ballots;
    };
    QCOMPARE(order(7).size(), 40U);
    QVERIFY(order(7) == order(7));
    QVERIFY(order(7) != order(8));
    const auto seven = order(7);
    const auto tuned_first = std::ranges::count_if(seven, [](const auto& ballot) { return ballot.second; });
    QVERIFY(tuned_first > 8 && tuned_first < 32);
    BlindVote vote(rows, 7);
    while (!vote.is_over()) vote.cast(vote.current().first_is_tuned ? Vote::First : Vote::Second);
    QCOMPARE(vote.result().tuned, 40);
    QVERIFY(vote.result().p < 0.001);
}

void TestCompare::exports_are_whole_in_every_format() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    QTRY_VERIFY(bench.page.is_ready());
    QVERIFY(bench.page.export_to(project.file(QStringLiteral("out.html"))));
    QVERIFY(bench.page.export_to(project.file(QStringLiteral("out.csv"))));
    QVERIFY(bench.page.export_to(project.file(QStringLiteral("out.json"))));
    const auto html = read_file(project.file(QStringLiteral("out.html")).toStdString());
    QVERIFY(html && html->find("<ins>lamp</ins>") != std::string::npos && html->find("67 %") != std::string::npos);
    QVERIFY(html->find("careful, best (step 12)") != std::string::npos);
    const auto csv = read_file(project.file(QStringLiteral("out.csv")).toStdString());
    QCOMPARE(std::ranges::count(*csv, '\r'), 4);
    const auto json = read_json_file(project.file(QStringLiteral("out.json")).toStdString());
    QVERIFY(json);
    const auto comparison = comparison_from_json(*json);
    QVERIFY(comparison);
    QCOMPARE(comparison->rows.size(), 3U);
    QCOMPARE(comparison->summaries.at(0).at("exact_match").rows, 3);
    QVERIFY(!bench.page.export_to(QStringLiteral("/no/such/folder/out.csv")));
    QVERIFY(!bench.error()->text().isEmpty());
}

void TestCompare::nothing_is_exported_before_anything_is_written() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(!bench.page.export_to(project.file(QStringLiteral("out.csv"))));
    QVERIFY(!QFile::exists(project.file(QStringLiteral("out.csv"))));
    QVERIFY(bench.error()->text().contains(QStringLiteral("no row yet")));
}

void TestCompare::a_row_can_be_taken_to_the_playground() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    bench.table()->setCurrentIndex(bench.table()->model()->index(2, 0));
    QSignalSpy wanted(&bench.page, &Page::page_wanted);
    Q_EMIT bench.page.inspector()->findChild<ComparisonInspector*>()->findChild<QPushButton*>()->clicked();
    QTRY_COMPARE(wanted.count(), 1);
    QCOMPARE(wanted.first().first().toString(), QStringLiteral("playground"));
    std::vector<StoredPrompt> kept;
    project.session().ask(
        this, [](Project& store) { return store.prompts().prompts(); },
        [&](const Result<std::vector<StoredPrompt>>& prompts) { kept = *prompts; });
    QTRY_COMPARE(kept.size(), 1U);
    QCOMPARE(kept.front().problem, std::string("Clean the mirror"));
    QCOMPARE(kept.front().solution, std::string("Please wipe the mirror."));
}

void TestCompare::another_project_ends_what_is_under_way() {
    FakeProject endless(std::vector<FakeProject::Row>{{"ENDLESS one", "Never."}});
    FakeProject other;
    Bench bench(endless);
    QTRY_VERIFY(bench.is_ready());
    QTest::mouseClick(bench.generate_button(), Qt::LeftButton);
    QTRY_VERIFY(bench.page.model()->rowCount() == 1 && !text_of(*bench.page.model(), 0, base_column).isEmpty());
    bench.page.set_project(&other.session());
    QVERIFY(!bench.page.is_generating());
    QVERIFY(bench.generate());
    QCOMPARE(bench.page.model()->complete_rows(), 3);
}

void TestCompare::wrong_settings_ask_the_engine_nothing() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    SamplingConfig wrong;
    wrong.do_sample = true;
    wrong.num_beams = 4;
    bench.page.sampling()->set_config(wrong);
    QTest::mouseClick(bench.generate_button(), Qt::LeftButton);
    QVERIFY(!bench.page.is_generating());
    QVERIFY(bench.error()->text().contains(QStringLiteral("num_beams")));
    QCOMPARE(bench.engine.state(), EngineClient::State::Stopped);
}

void TestCompare::the_model_keeps_the_rules_of_item_models() {
    ComparisonModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Comparison comparison;
    comparison.models = {"starter", "run 7"};
    comparison.rows = {{"one", {}, "a b c", {}}, {"two", {}, {}, {}}};
    model.reset(comparison);
    model.add_token(0, 1, {5, " a", 0.5, {}, false});
    model.set_text(0, 1, {" a b d", score_text("a b d", "a b c")}, {});
    model.add_token(1, 0, {5, " half", 0.5, {}, false});
    model.drop_unfinished();
    QCOMPARE(text_of(model, 0, tuned_column), QStringLiteral(" a b d"));
    QCOMPARE(text_of(model, 1, base_column), QString());
    QVERIFY(!model.is_complete(0));
    model.reset({});
    QCOMPARE(model.rowCount(), 0);
}

void TestCompare::several_checkpoints_stand_side_by_side_each_against_the_base() {
    FakeProject project;
    Bench bench(project);
    QTRY_VERIFY(bench.is_ready());
    auto* add = bench.page.findChild<QPushButton*>(QStringLiteral("add_model"));
    QTest::mouseClick(add, Qt::LeftButton);
    QCOMPARE(bench.page.setup()->models().size(), 3U);
    QVERIFY(bench.generate());
    const ComparisonModel& model = *bench.page.model();
    QVERIFY((model.comparison().models == std::vector<std::string>{"starter", "careful, best (step 12)", "careful, step 6"}));
    QCOMPARE(model.columnCount(), 6);
    QCOMPARE(model.headerData(3, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("careful, step 6"));
    QCOMPARE(text_of(model, 0, model.text_column(2)), QStringLiteral(" Please wipe the vase."));
    QCOMPARE(text_of(model, 0, model.gain_column(2)), text_of(model, 0, model.gain_column(1)));
    QVERIFY(text_of(model, 0, model.gain_column(2)).startsWith(QLatin1Char('+')));
    QTRY_COMPARE(model.comparison().summaries.size(), 2U);
    QTRY_VERIFY(bench.label("exact_match_2") == QStringLiteral("67 % n.s."));
    QVERIFY(bench.page.export_to(project.file(QStringLiteral("three.csv"))));
    QVERIFY(
        read_file(project.file(QStringLiteral("three.csv")).toStdString())->starts_with("problem,prompt,solution,base,tuned_1,tuned_2,"));
    // And one is taken away again.
    QWidget* further = bench.page.findChild<QWidget*>(QStringLiteral("tuned_model_2"))->parentWidget();
    QTest::mouseClick(further->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(bench.page.setup()->models().size(), 2U);
    QTRY_COMPARE(model.columnCount(), 5);
}

void TestCompare::any_score_is_shown_and_sorted_by_its_gain() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    auto* score = bench.page.findChild<QComboBox*>(QStringLiteral("score"));
    score->setCurrentIndex(score->findData(QStringLiteral("solution_loss")));
    const ComparisonModel& model = *bench.page.model();
    QCOMPARE(model.headerData(score_column, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Loss of true solution"));
    QCOMPARE(text_of(model, 0, score_column), QStringLiteral("0.50"));
    QCOMPARE(text_of(model, 0, gain_column), QStringLiteral("+2.50"));  // less loss is better
    score->setCurrentIndex(score->findData(QStringLiteral("exact_match")));
    bench.table()->sortByColumn(gain_column, Qt::AscendingOrder);
    QCOMPARE(bench.table()->row_in_model(0), 1);
}

void TestCompare::perplexity_is_asked_of_the_engine_once_and_kept() {
    FakeProject project;
    {
        Bench bench(project);
        QVERIFY(bench.generate());
        QTRY_VERIFY(
            bench.page.findChild<StatCard*>(QStringLiteral("perplexity"))->accessibleDescription().contains(QStringLiteral("20.1")));
        const auto& texts = bench.page.model()->row_at(0).texts;
        QVERIFY(texts[0].scores.solution_loss == 3.0 && texts[1].scores.solution_loss == 0.5);
    }
    // Without an engine, too: what is kept of the tuned model, whose weights the project knows.
    Bench bench(project, QStringLiteral("/no/such/engine"));
    QTRY_VERIFY(bench.page.is_ready());
    QVERIFY(bench.page.model()->row_at(0).texts[1].scores.solution_loss == 0.5);
}

void TestCompare::a_word_under_the_pointer_tells_its_probabilities() {
    FakeProject project;
    Bench bench(project);
    QVERIFY(bench.generate());
    bench.table()->setCurrentIndex(bench.table()->model()->index(1, 0));
    QLabel* tuned = bench.in_inspector("tuned");
    QVERIFY(tuned->text().contains(QStringLiteral(" lamp</a>")));
    const TokenTrace& trace = bench.page.model()->trace(1, 1);
    const auto lamp = std::ranges::find(trace, std::string(" lamp"), &TracedToken::text) - trace.begin();
    Q_EMIT tuned->linkHovered(QString::number(lamp));
    QCOMPARE(QToolTip::text(), QStringLiteral("<b>·lamp</b> 0.040<br>·vase 0.050<br>·teapot 0.010"));
    QVERIFY(bench.in_inspector("base")->text().contains(QStringLiteral(" king</a>")));
}

void TestCompare::a_vote_among_several_tells_of_each() {
    std::vector<ComparisonRow> rows;
    for (int i = 0; i < 6; ++i) rows.push_back({std::to_string(i), {}, {}, {{"base", {}}, {"first", {}}, {"second", {}}}});
    BlindVote vote(rows, 7);
    QCOMPARE(vote.size(), 6);
    while (!vote.is_over()) {
        const bool first_wins = vote.current().first == "first" || (vote.current().first == "base" && vote.current().second == "second");
        vote.cast(first_wins ? Vote::First : Vote::Second);
    }
    QCOMPARE(vote.result(1).tuned + vote.result(1).base, 3);
    QCOMPARE(vote.result(1).tuned, 3);
    QCOMPARE(vote.result(2).base, 3);
    BlindVoteView view;
    view.start(vote, {"starter", "run 7", "run 8"});
    QCOMPARE(view.result_text(), QStringLiteral("run 7 was better 3 times, base 0 times, neither 0 times; p = 0.25 by the sign test.\n"
                                                "run 8 was better 0 times, base 3 times, neither 0 times; p = 0.25 by the sign test."));
}

}  // namespace lossmith::ui

int main(int count, char** values) {
    return lossmith::test::run_window_tests<lossmith::ui::TestCompare>(count, values);
}

#include "test_compare.moc"
