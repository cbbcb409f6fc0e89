#include "tests/ui/logits/LogitsPageTest.h"

#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QTreeView>
#include <QUndoStack>
#include <QtTest>
#include <cmath>
#include <numeric>

#include "app/lossmith/Pages.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "tests/ui/logits/LogitsProject.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/generation/SamplingForm.h"
#include "ui/logits/AttentionCard.h"
#include "ui/logits/AttributionCard.h"
#include "ui/logits/BranchCard.h"
#include "ui/logits/DistributionCard.h"
#include "ui/logits/DistributionModel.h"
#include "ui/logits/FilterBars.h"
#include "ui/logits/LensCard.h"
#include "ui/logits/LensModel.h"
#include "ui/logits/LogitsPage.h"
#include "ui/logits/OddsCard.h"
#include "ui/logits/OddsModel.h"
#include "ui/logits/RunStripCard.h"
#include "ui/logits/SourceCard.h"
#include "ui/logits/StripsCard.h"
#include "ui/logits/TokenInspector.h"
#include "ui/logits/TokenStrip.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

using test::child;
using test::click;

namespace {

constexpr int patience = 60'000;  // for what the engine computes; nothing waits that long on its own

/// The window over the real engine, its project open on the page Logits.
struct LogitsBench {
    LogitsBench(EngineClient& engine, const QString& project) : window(engine, theme, recent, app::page_entries(engine, recent)) {
        test::fail_on_qt_warnings();
        if (!test::show_window(window)) return;
        if (!project.isEmpty() && !window.open_project(project)) return;
        window.show_page(QStringLiteral("logits"));
        page = qobject_cast<LogitsPage*>(window.page(QStringLiteral("logits")));
    }
    [[nodiscard]] bool rests() const {
        return page && QTest::qWaitFor([this] { return page->is_ready(); }, patience);
    }
    /// The text is there and all that is on show answered.
    [[nodiscard]] bool reads() const {
        return page && QTest::qWaitFor([this] { return page->inspection() != nullptr && page->is_ready(); }, patience);
    }
    [[nodiscard]] bool types(const QString& text) const {
        if (!rests()) return false;
        click(child<QPushButton>(*page, "source_typed"));
        auto* editor = child<QPlainTextEdit>(*page, "typed_text");
        editor->setFocus();
        editor->selectAll();
        for (const QChar letter : text)
            letter == QLatin1Char('\n') ? QTest::keyClick(editor, Qt::Key_Return) : QTest::keyClick(editor, letter.toLatin1());
        return QTest::qWaitFor(
            [&] { return page->inspection() && page->inspection()->text.text() == text.toStdString() && page->is_ready(); }, patience);
    }
    void click_token(int token) const {
        TokenStrip* strip = page->strips()->strip(ModelSide::Tuned);
        QTest::mouseClick(strip, Qt::LeftButton, {}, strip->rectangle_of(token).center());
    }
    template <typename Card>
    Card* show_card() const {
        Card* card = page->findChild<Card*>();
        page->findChild<QTabWidget*>()->setCurrentWidget(card);
        return card;
    }
    [[nodiscard]] const DistributionModel& rows() const { return *page->distribution()->model(); }
    [[nodiscard]] int row_of(const QString& token) const {
        for (int row = 0; row < rows().rowCount(); ++row)
            if (rows().index(row, 0).data().toString() == token) return row;
        return -1;
    }

    Theme theme{*qApp};
    RecentProjects recent;
    MainWindow window;
    LogitsPage* page = nullptr;
};

const QString problem = QStringLiteral("Problem: My kettle is late.\nSolution: We are sorry");

}  // namespace

LogitsPageTest::LogitsPageTest() = default;
LogitsPageTest::~LogitsPageTest() = default;

void LogitsPageTest::initTestCase() {
    m_project = std::make_unique<LogitsProject>();
    m_engine = std::make_unique<EngineClient>(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"));
    QVERIFY2(m_project->error().isEmpty(), qPrintable(m_project->error()));
}

void LogitsPageTest::init() {
    QSettings().clear();
}

void LogitsPageTest::without_a_project_the_page_says_where_to_begin() {
    LogitsBench bench(*m_engine, {});
    QVERIFY(bench.page && bench.page->is_ready());
    QVERIFY(bench.page->findChild<EmptyState*>()->isVisible());
    click(bench.page->findChild<EmptyState*>()->findChild<QPushButton*>());
    QCOMPARE(bench.window.current_page_name(), QStringLiteral("start"));
}

void LogitsPageTest::a_row_is_shown_under_both_models_as_the_command_line_tells_it() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.reads());
    const InspectedText& text = bench.page->inspection()->text;
    QVERIFY(text.of_two);
    const auto told = parse_json(m_project
                                     ->run({QStringLiteral("inspect"), QStringLiteral("--model"), m_project->path() + QStringLiteral(":1"),
                                            QStringLiteral("--text"), QString::fromStdString(text.text()), QStringLiteral("--json")})
                                     .toStdString());
    QVERIFY(told.has_value());
    const auto alone = inspected_text_from_json(*told);
    QVERIFY(alone.has_value());
    QCOMPARE(alone->ids(), text.ids());
    for (std::size_t i = 1; i < text.tokens.size(); ++i) {
        QVERIFY(std::abs(alone->tokens[i].tuned->loss - text.tokens[i].tuned->loss) < 1e-4);
        QCOMPARE(alone->tokens[i].tuned->rank, text.tokens[i].tuned->rank);
    }
    // Strips: every token and the place after the last, coloured by its probability; only the solution is labelled.
    for (const ModelSide side : {ModelSide::Base, ModelSide::Tuned}) {
        const auto& cells = bench.page->strips()->strip(side)->cells();
        QCOMPARE(cells.size(), text.tokens.size() + 1);
        QVERIFY(!cells[0].value && !cells.back().value);
        QCOMPARE(*cells[5].value, prediction(text.tokens[5], side)->probability);
    }
    QCOMPARE(text.tokens.front().labelled, false);
    QCOMPARE(text.tokens.back().labelled, true);
    QCOMPARE(text.tokens[static_cast<std::size_t>(bench.page->place())].labelled, true);
    // Eight steps of training are seen.
    QVERIFY(*perplexity(text, ModelSide::Tuned) < *perplexity(text, ModelSide::Base));
    QVERIFY(child<QLabel>(*bench.page, "tuned_strip_figure")->text().startsWith(QStringLiteral("perplexity of the solution ")));
}

void LogitsPageTest::arrow_keys_move_the_token_and_its_distribution_follows() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    bench.click_token(4);
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->place(), 4);
    TokenStrip* strip = bench.page->strips()->strip(ModelSide::Tuned);
    QTest::keyClick(strip, Qt::Key_Right);
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->place(), 5);
    QCOMPARE(bench.page->strips()->strip(ModelSide::Base)->selected(), 5);
    const auto& token = bench.page->inspection()->text.tokens[5];
    const int row = bench.row_of(shown_token(token.text));
    QVERIFY(row >= 0);
    const PlaceRow& told = bench.rows().row(row);
    QVERIFY(told.is_here);
    QVERIFY(std::abs(told.tuned->probability - token.tuned->probability) < 1e-6);
    QVERIFY(std::abs(told.base->probability - token.base->probability) < 1e-6);
    QCOMPARE(told.base->rank, token.base->rank);
    // Each model tells of every token that the other thinks of.
    for (int i = 0; i < bench.rows().rowCount(); ++i) QVERIFY(bench.rows().row(i).base && bench.rows().row(i).tuned);
    QVERIFY(bench.rows().rowCount() >= 12);
    QCOMPARE(child<QLabel>(bench.window, "token_text")->text(), shown_token(token.text));
    // The place after the last has a distribution too, and the first token none.
    QTest::keyClick(strip, Qt::Key_End);
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->place(), bench.page->inspection()->places());
    QVERIFY(bench.rows().rowCount() >= 12);
    QTest::keyClick(strip, Qt::Key_Home);
    QVERIFY(bench.rests());
    QCOMPARE(bench.rows().rowCount(), 0);
}

void LogitsPageTest::a_typed_text_is_read_as_it_stands() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(QStringLiteral("The lamp<|endoftext|>")));
    const auto& tokens = bench.page->inspection()->text.tokens;
    QCOMPARE(tokens.back().id, 50256);
    QVERIFY(!tokens.back().labelled);
    QVERIFY(bench.types(QStringLiteral("The lamp is")));
    auto* editor = child<QPlainTextEdit>(*bench.page, "typed_text");
    editor->clear();
    QTRY_VERIFY(bench.page->inspection() == nullptr);
    QVERIFY(!child<QPushButton>(*bench.page, "copy_json")->isEnabled());
}

void LogitsPageTest::every_colouring_has_its_legend_and_its_values() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    TokenStrip* strip = bench.page->strips()->strip(ModelSide::Tuned);
    const auto& token = bench.page->inspection()->text.tokens[3];
    click(child<QPushButton>(*bench.page, "values"));
    const int low = strip->rectangle_of(0).height();
    for (const Measure measure : all_measures) {
        click(child<QPushButton>(*bench.page, qPrintable(QStringLiteral("measure_%1").arg(static_cast<int>(measure)))));
        QCOMPARE(*strip->cells()[3].value, value_of(*token.tuned, measure));
        QCOMPARE(strip->cells()[3].value_text, value_text(*token.tuned, measure));
    }
    TokenStrip* change = bench.page->strips()->change_strip();
    for (const Change kind : all_changes) {
        click(child<QPushButton>(*bench.page, qPrintable(QStringLiteral("change_%1").arg(static_cast<int>(kind)))));
        QCOMPARE(change->cells()[3].value, value_of(token, kind));
    }
    click(child<QPushButton>(*bench.page, "values"));
    QVERIFY(strip->rectangle_of(0).height() < low);
    QVERIFY(strip->tip_of_token(3).contains(QStringLiteral("rank")));
}

void LogitsPageTest::filters_of_sampling_cut_what_they_should() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    SamplingConfig sampling;
    sampling.do_sample = true;
    sampling.top_k = 5;
    click(child<QPushButton>(bench.window, "sampling_settings"));
    bench.page->token_inspector()->sampling()->set_config(sampling);
    Q_EMIT bench.page->token_inspector()->sampling()->changed();
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->token_inspector()->filters()->lines().size(), 1);
    QVERIFY(bench.page->token_inspector()->filters()->lines().first().contains(QStringLiteral("tuned kept 5 ")));
    int kept = 0;
    double mass = 0;
    for (int row = 0; row < bench.rows().rowCount(); ++row) {
        const auto& told = *bench.rows().row(row).tuned;
        QCOMPARE(told.after > 0, told.rank <= 5);
        kept += told.after > 0 ? 1 : 0;
        mass += told.after;
    }
    QCOMPARE(kept, 5);
    QVERIFY(std::abs(mass - 1) < 1e-5);
}

void LogitsPageTest::a_token_is_found_in_the_whole_vocabulary() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    auto* find = child<QLineEdit>(*bench.page, "find_token");
    find->setFocus();
    QTest::keyClicks(find, QStringLiteral(" refund"));
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && bench.row_of(QStringLiteral("·refund")) == 0, patience);
    QVERIFY(bench.rows().row(0).base->rank >= 1 && bench.rows().row(0).tuned->rank >= 1);
    for (int row = 0; row < bench.rows().rowCount(); ++row) QVERIFY(bench.rows().row(row).text.find(" refund") != std::string::npos);
    QTest::keyClicks(find, QStringLiteral("qqq"));
    QTRY_COMPARE_WITH_TIMEOUT(bench.rows().rowCount(), 0, patience);
    find->clear();
    QTRY_VERIFY_WITH_TIMEOUT(bench.rows().rowCount() >= 12, patience);
}

void LogitsPageTest::logits_below_zero_are_explained() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    auto* text = child<QLabel>(*bench.page, "why_negative_text");
    QVERIFY(!text->isVisible());
    click(child<QPushButton>(*bench.page, "why_negative"));
    QVERIFY(text->isVisible());
    QVERIFY(text->text().contains(QStringLiteral("log-sum-exp")));
    const PlaceRow& first = bench.rows().row(0);
    QVERIFY(text->text().contains(QString::number(first.tuned->logit, 'f', 2)));
}

void LogitsPageTest::one_model_alone_shows_no_difference() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    click(child<QPushButton>(*bench.page, "two_models"));
    QVERIFY(bench.rests());
    QVERIFY(!bench.page->inspection()->of_two());
    QVERIFY(!bench.page->strips()->strip(ModelSide::Base)->isVisible());
    QVERIFY(!bench.page->strips()->change_strip()->isVisible());
    QVERIFY(!bench.rows().row(0).base && bench.rows().row(0).tuned);
    click(child<QPushButton>(*bench.page, "two_models"));
    QVERIFY(bench.rests());
    QVERIFY(bench.page->strips()->change_strip()->isVisible());
}

void LogitsPageTest::each_layer_says_its_own() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    auto* card = bench.show_card<LensCard>();
    QVERIFY(bench.rests());
    const int places = bench.page->inspection()->places();
    QCOMPARE(card->model()->rowCount(), 7);
    QCOMPARE(card->model()->columnCount(), places);
    // The top line is the model's own output.
    const LensCell* output = card->model()->cell(card->model()->index(0, 3));
    QVERIFY(std::abs(*output->probability - bench.page->inspection()->text.tokens[4].tuned->probability) < 1e-5);
    auto* table = child<QTableView>(*card, "lens");
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(card->model()->index(1, 2)).center());
    QCOMPARE(bench.page->place(), 3);
    click(child<QPushButton>(*card, "side_base"));
    QVERIFY(bench.rests());
    output = card->model()->cell(card->model()->index(0, 3));
    QVERIFY(std::abs(*output->probability - bench.page->inspection()->text.tokens[4].base->probability) < 1e-5);
}

void LogitsPageTest::heads_show_what_a_token_looks_at() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    auto* card = bench.show_card<AttentionCard>();
    QVERIFY(bench.rests());
    QCOMPARE(child<QSpinBox>(*card, "attention_layer")->maximum(), 6);
    bench.click_token(6);
    const auto mean = card->ties();
    QCOMPARE(mean.size(), 7U);
    QVERIFY(std::abs(std::accumulate(mean.begin(), mean.end(), 0.0) - 1.0) < 1e-3);
    QCOMPARE(bench.page->strips()->strip(ModelSide::Tuned)->ties(), mean);
    click(child<QWidget>(*card, "head_3"));
    QCOMPARE(card->head(), 2);
    QVERIFY(card->ties() != mean);
    QTest::mouseClick(card->map(), Qt::LeftButton, {}, card->map()->centre_of(2, 1));
    QCOMPARE(bench.page->place(), 2);
    // What nobody looks at any more is not drawn either.
    bench.show_card<LensCard>();
    QVERIFY(bench.page->strips()->strip(ModelSide::Tuned)->ties().empty());
}

void LogitsPageTest::the_loss_comes_from_the_tokens_before() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    auto* card = bench.show_card<AttributionCard>();
    bench.click_token(7);
    QTRY_COMPARE_WITH_TIMEOUT(card->strip()->cells().size(), 7U, patience);
    QVERIFY(bench.rests());
    const double gradient = *card->strip()->cells()[6].value;
    click(child<QPushButton>(*card, "integrated_gradients"));
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && *card->strip()->cells()[6].value != gradient, patience);
    QCOMPARE(card->strip()->scale().kind, ColourScale::Kind::Pull);
    bench.click_token(0);
    QTRY_VERIFY_WITH_TIMEOUT(card->strip()->cells().empty(), patience);
}

void LogitsPageTest::a_forced_token_is_gone_on_from_by_both_models_and_taken_back() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    SamplingConfig sampling;
    sampling.max_new_tokens = 6;
    bench.page->token_inspector()->sampling()->set_config(sampling);
    const int last = bench.page->inspection()->places() - 1;
    bench.click_token(last);
    QVERIFY(bench.rests());
    const auto before = bench.page->inspection()->text.ids();
    auto* find = child<QLineEdit>(*bench.page, "find_token");
    find->setFocus();
    QTest::keyClicks(find, QStringLiteral(" refund"));
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && bench.row_of(QStringLiteral("·refund")) == 0, patience);
    auto* table = child<QTableView>(*bench.page, "distribution");
    const std::int64_t id = bench.rows().row(0).id;
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(bench.rows().index(0, 0)).center());
    QVERIFY(child<QPushButton>(bench.window, "force")->isEnabled());
    QTest::keyClick(table, Qt::Key_Return);
    BranchModel* branches = bench.page->branches()->model();
    QTRY_VERIFY_WITH_TIMEOUT(!bench.page->branches()->is_generating() && bench.page->is_ready(), patience);
    const QModelIndex root = branches->index(0, 0);
    QCOMPARE(branches->rowCount(root), 1);
    const QModelIndex forced = branches->index(0, 0, root);
    QCOMPARE(branches->branch_at(forced)->ids.back(), id);
    QCOMPARE(branches->branch_at(forced)->place, last);
    QCOMPARE(branches->rowCount(forced), 2);
    for (int side = 0; side < 2; ++side) {
        const Branch* went_on = branches->branch_at(branches->index(side, 0, forced));
        QVERIFY(went_on->ids.size() > branches->branch_at(forced)->ids.size());
        QCOMPARE(went_on->ids[static_cast<std::size_t>(last)], id);
    }
    // The tuned model's is looked at, and its greedy tokens are its first choices.
    QCOMPARE(branches->branch(bench.page->branches()->current())->side, ModelSide::Tuned);
    const auto& text = bench.page->inspection()->text;
    QCOMPARE(text.ids(), branches->branch(bench.page->branches()->current())->ids);
    QCOMPARE(text.tokens.back().tuned->rank, 1);
    // Another branch by the tree, then back.
    auto* tree = child<QTreeView>(*bench.page, "branches");
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(branches->index(0, 0, forced)).center());
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->inspection()->text.ids(), branches->branch_at(branches->index(0, 0, forced))->ids);
    bench.page->undo_stack()->undo();
    QVERIFY(bench.rests());
    QCOMPARE(branches->rowCount(branches->index(0, 0)), 0);
    QCOMPARE(bench.page->inspection()->text.ids(), before);
    bench.page->undo_stack()->redo();
    QVERIFY(bench.rests());
    QCOMPARE(branches->rowCount(branches->index(0, 0, branches->index(0, 0))), 2);
}

void LogitsPageTest::a_changed_token_keeps_the_rest() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(problem));
    bench.click_token(3);
    QVERIFY(bench.rests());
    const auto before = bench.page->inspection()->text;
    auto* table = child<QTableView>(*bench.page, "distribution");
    const int other = bench.rows().row(0).is_here ? 1 : 0;
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(bench.rows().index(other, 0)).center());
    const std::int64_t id = bench.rows().row(other).id;
    click(child<QPushButton>(bench.window, "change"));
    QVERIFY(bench.rests());
    const auto& after = bench.page->inspection()->text;
    auto expected = before.ids();
    expected[3] = id;
    QCOMPARE(after.ids(), expected);
    QCOMPARE(bench.page->place(), 3);
    QVERIFY(after.tokens.back().tuned->probability != before.tokens.back().tuned->probability);
    bench.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&bench.window));
    QTest::keyClick(&bench.window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->inspection()->text.ids(), before.ids());
}

void LogitsPageTest::odds_over_the_rows_are_found_and_can_be_stopped() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.reads());
    auto* card = bench.show_card<OddsCard>();
    auto* find = child<QPushButton>(*card, "find_odds");
    click(find);
    QVERIFY(card->is_asking() && !find->isEnabled());
    click(child<QPushButton>(*bench.page, "stop"));
    QVERIFY(!card->is_asking() && find->isEnabled());
    click(find);
    QTRY_VERIFY_WITH_TIMEOUT(!card->is_asking(), patience);
    QVERIFY(card->risen()->rowCount() > 0 && card->fallen()->rowCount() > 0);
    for (int row = 0; row < card->risen()->rowCount(); ++row) QVERIFY(card->risen()->change(row).change > 0);
    for (int row = 0; row < card->fallen()->rowCount(); ++row) QVERIFY(card->fallen()->change(row).change < 0);
    QVERIFY(child<QTableView>(*card, "risen")->isVisible());
}

void LogitsPageTest::the_slider_moves_through_a_runs_samplings() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.reads());
    auto* card = bench.show_card<RunStripCard>();
    QTRY_VERIFY_WITH_TIMEOUT(card->shown() != nullptr, patience);
    QVERIFY(card->slider()->maximum() >= LogitsProject::steps / 2 - 1);
    QCOMPARE(card->slider()->value(), card->slider()->maximum());
    const auto last = *perplexity(*card->shown(), ModelSide::Tuned);
    card->slider()->setFocus();
    QTest::keyClick(card->slider(), Qt::Key_Home);
    const auto first = *perplexity(*card->shown(), ModelSide::Tuned);
    QVERIFY(first > last);
    const auto at = static_cast<std::size_t>(
        std::ranges::find_if(card->shown()->tokens, [](const auto& token) { return token.labelled.value_or(false); }) -
        card->shown()->tokens.begin());
    QCOMPARE(*card->strip()->cells()[at].value, card->shown()->tokens[at].tuned->probability);
    click(child<QPushButton>(*bench.page, "measure_2"));
    QCOMPARE(*card->strip()->cells()[at].value, static_cast<double>(card->shown()->tokens[at].tuned->rank));
}

void LogitsPageTest::the_answer_is_copied_as_json() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.types(QStringLiteral("The lamp is")));
    click(child<QPushButton>(*bench.page, "copy_json"));
    const auto json = parse_json(QGuiApplication::clipboard()->text().toStdString());
    QVERIFY(json.has_value());
    QCOMPARE(json->at("tokens").size(), 3U);
    QVERIFY(json->at("tokens")[1].at("kl").is_number());
}

void LogitsPageTest::what_was_chosen_comes_back() {
    {
        LogitsBench bench(*m_engine, m_project->path());
        QVERIFY(bench.types(QStringLiteral("The lamp is")));
        click(child<QPushButton>(*bench.page, "measure_4"));
        bench.show_card<BranchCard>();
    }
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.reads());
    QCOMPARE(bench.page->inspection()->text.text(), std::string("The lamp is"));
    QCOMPARE(bench.page->strips()->measure(), Measure::Loss);
    QVERIFY(bench.page->branches()->isVisible());
    bench.page->source()->choose_row(7);
    QVERIFY(bench.reads());
    QCOMPARE(child<QSpinBox>(*bench.page, "row_number")->value(), 7);
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && bench.page->inspection()->text.tokens.back().labelled.has_value(), patience);
}

void LogitsPageTest::compare_and_playground_lead_here() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.reads());
    bench.window.show_page(QStringLiteral("playground"));
    auto* playground = bench.window.page(QStringLiteral("playground"));
    auto* look = child<QPushButton>(*playground, "look_at_probabilities");
    QVERIFY(!look->isEnabled());
    auto* prompt = child<QPlainTextEdit>(*playground, "prompt");
    prompt->setFocus();
    QTest::keyClicks(prompt, QStringLiteral("My lamp is late."));
    auto* generate = child<QPushButton>(*playground, "generate");
    QTRY_VERIFY_WITH_TIMEOUT(generate->isEnabled(), patience);
    click(generate);
    QTRY_VERIFY_WITH_TIMEOUT(generate->isEnabled() && look->isEnabled(), patience);
    click(look);
    QCOMPARE(bench.window.current_page_name(), QStringLiteral("logits"));
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && bench.page->inspection(), patience);
    QVERIFY(bench.page->inspection()->text.text().starts_with("Problem: My lamp is late.\nSolution:"));
    QVERIFY(bench.page->inspection()->places() > 12);
}

void LogitsPageTest::a_text_as_long_as_the_model_reads_is_no_matter_and_a_longer_one_is_refused_in_words() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.rests());
    bench.page->look_at(QStringLiteral(" The lamp is late.").repeated(100));
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && bench.page->inspection() && bench.page->inspection()->places() == 500, patience);
    TokenStrip* strip = bench.page->strips()->strip(ModelSide::Tuned);
    strip->setFocus();
    QTest::keyClick(strip, Qt::Key_End);
    QTest::keyClick(strip, Qt::Key_Left);
    QVERIFY(bench.rests());
    QCOMPARE(bench.page->place(), 499);
    QVERIFY(bench.rows().rowCount() >= 12);
    // Attention over so long a text is refused beside it, not in place of the rest.
    auto* attention = bench.show_card<AttentionCard>();
    QTRY_VERIFY_WITH_TIMEOUT(bench.page->is_ready() && child<QLabel>(*attention, "note")->text().contains(QStringLiteral("256")), patience);
    bench.page->look_at(QStringLiteral(" The lamp is late.").repeated(110));
    auto* error = bench.page->findChild<ErrorBanner*>();
    QTRY_VERIFY_WITH_TIMEOUT(error->text().contains(QStringLiteral("512")), patience);
    QVERIFY(!bench.page->inspection());
    bench.page->look_at(QStringLiteral("The lamp"));
    QVERIFY(bench.reads());
    QVERIFY(error->text().isEmpty());
}

void LogitsPageTest::it_fits_a_small_screen() {
    RecentProjects recent;
    Theme theme(*qApp);
    MainWindow window(*m_engine, theme, recent, app::page_entries(*m_engine, recent));
    QVERIFY(test::show_window(window, {1280, 720}));
    QVERIFY(window.open_project(m_project->path()));
    // As by a click: in an event, so that what the page's making costs is watched.
    QTimer::singleShot(0, &window, [&window] { window.show_page(QStringLiteral("logits")); });
    QTRY_COMPARE(window.current_page_name(), QStringLiteral("logits"));
    Page* page = window.page(QStringLiteral("logits"));
    auto* tabs = page->findChild<QTabWidget*>();
    for (int tab = 0; tab < tabs->count(); ++tab) {
        tabs->setCurrentIndex(tab);
        QTRY_VERIFY_WITH_TIMEOUT(page->is_ready(), patience);
        QVERIFY2(window.width() == 1280, qPrintable(QStringLiteral("%1: %2").arg(tabs->tabText(tab)).arg(window.width())));
    }
    QVERIFY(page->inspector()->width() <= page->inspector()->parentWidget()->width());
}

void LogitsPageTest::it_is_drawn_light_and_dark() {
    LogitsBench bench(*m_engine, m_project->path());
    QVERIFY(bench.reads());
    TokenStrip* strip = bench.page->strips()->strip(ModelSide::Tuned);
    for (const Appearance appearance : {Appearance::Light, Appearance::Dark}) {
        bench.theme.preview_appearance(appearance);
        const QImage picture = strip->grab().toImage();
        const QPoint corner = strip->rectangle_of(4).topLeft() + QPoint(2, 8);
        const auto ratio = picture.devicePixelRatio();
        QCOMPARE(picture.pixelColor(corner * ratio), strip->scale().ground(*strip->cells()[4].value));
        QCOMPARE(strip->cells()[0].value, std::nullopt);
    }
    bench.theme.preview_appearance(Appearance::System);
}

}  // namespace lossmith::ui
