#include "tests/ui/loss/LossPageTest.h"

#include <QAbstractItemView>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>
#include <QtTest>

#include "app/lossmith/Pages.h"
#include "core/project/LossStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/loss/CataloguePopup.h"
#include "ui/loss/HeatMap.h"
#include "ui/loss/LossChips.h"
#include "ui/loss/LossEditor.h"
#include "ui/loss/LossInspector.h"
#include "ui/loss/LossPage.h"
#include "ui/loss/LossWords.h"
#include "ui/loss/NoticeBar.h"
#include "ui/loss/ParameterForm.h"
#include "ui/loss/VerdictCard.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/train/LossPicker.h"
#include "ui/train/RunForm.h"
#include "ui/train/RunLauncher.h"
#include "ui/train/RunQueue.h"
#include "ui/train/TrainPage.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

const QString argmax_loss = QStringLiteral(
    "def loss(logits, labels):\n"
    "    p = torch.softmax(logits, dim=-1)\n"
    "    guess = torch.argmax(p, dim=-1)\n"
    "    keep = labels != -100\n"
    "    return ((guess != labels) & keep).float().mean()\n");

/// The page as the window holds it, and a project, or none.
struct Lab {
    explicit Lab(TrainProject* project, const QString& program = test_program("loss_engine")) : engine(program), page(engine) {
        page.resize(1000, 780);
        page.set_project(project ? &project->session() : nullptr);
        page.show();
        is_ready = QTest::qWaitForWindowExposed(&page) && QTest::qWaitFor([this] { return page.is_ready(); });
    }
    [[nodiscard]] LossEditor& editor() { return *page.editor(); }
    [[nodiscard]] QString headline() { return page.verdict()->headline(); }
    template <typename Widget>
    [[nodiscard]] Widget* part(const char* name) {
        auto* found = page.findChild<Widget*>(QString::fromLatin1(name));
        return found ? found : page.inspector()->findChild<Widget*>(QString::fromLatin1(name));
    }
    /// A new own loss that holds this.
    [[nodiscard]] bool begin(const QString& text) {
        const std::size_t before = page.own_losses().size();
        page.new_loss();
        if (!QTest::qWaitFor([&] { return page.own_losses().size() > before && page.is_ready(); })) return false;
        editor().replace_text(text);
        return checked();
    }
    [[nodiscard]] bool checked() {
        return QTest::qWaitFor([this] { return page.is_ready(); });
    }
    void type(const QString& text) {
        for (const QChar character : text) QTest::keyClick(editor().code(), character.toLatin1());
    }

    EngineClient engine;
    LossPage page;
    bool is_ready = false;
};

StoredLoss stored(const char* name, const QString& source) {
    StoredLoss loss;
    loss.name = name;
    loss.source = source.toStdString();
    return loss;
}

std::vector<StoredLoss> losses_in(TrainProject& project) {
    return must(project.writer().losses().losses());
}

}  // namespace

void LossPageTest::init() {
    QSettings().clear();
    test::fail_on_qt_warnings();
}

void LossPageTest::an_error_is_shown_on_its_line_and_goes_when_mended() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.is_ready);
    QVERIFY(lab.begin(QStringLiteral("def loss(logits, labels):\n    ")));
    lab.editor().set_caret(2, 5);
    lab.type(QStringLiteral("return lgits"));
    QTRY_COMPARE(lab.headline(), QStringLiteral("Line 2 is not understood."));
    QVERIFY(lab.editor().note_at(2).contains(QStringLiteral("lgits")));
    QVERIFY(lab.editor().remark_at(2).contains(QStringLiteral("Did you mean")));
    QVERIFY(lab.editor().is_tinted(2));
    QVERIFY(lab.page.verdict()->reason().contains(QStringLiteral("`logits`")));
    for (int letter = 0; letter < 4; ++letter) QTest::keyClick(lab.editor().code(), Qt::Key_Backspace);
    lab.type(QStringLiteral("ogits"));
    QCOMPARE(lab.editor().text(), QStringLiteral("def loss(logits, labels):\n    return logits"));
    QTRY_COMPARE(lab.headline(), QStringLiteral("Gradient flows."));
    QVERIFY(!lab.editor().is_tinted(2));
    QVERIFY(lab.editor().note_at(2).endsWith(QStringLiteral("gradient flows")));
}

void LossPageTest::a_cut_is_named_with_ways_out_of_it() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    QCOMPARE(lab.headline(), QStringLiteral("Gradient stops at line 3, argmax."));
    QVERIFY(lab.page.verdict()->reason().startsWith(QStringLiteral("argmax gives the position")));
    QCOMPARE(lab.editor().note_at(3), QStringLiteral("[4, 96] i64 · gradient stops here"));
    QVERIFY(lab.editor().is_tinted(3));
    QVERIFY(!lab.editor().is_tinted(2));
    QCOMPARE(lab.page.verdict()->findChildren<QPushButton*>(QStringLiteral("rewrite")).size(), 3);
    QVERIFY(!lab.part<QPushButton>("use_in_a_run")->isEnabled());
}

void LossPageTest::a_rewrite_is_one_step_to_undo() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    auto* rewrite = lab.page.verdict()->findChild<QPushButton*>(QStringLiteral("rewrite"));
    QTest::mouseClick(rewrite, Qt::LeftButton);
    QTRY_COMPARE(lab.headline(), QStringLiteral("Gradient flows."));
    QVERIFY(!lab.editor().text().contains(QStringLiteral("argmax")));
    QTRY_VERIFY(lab.part<QPushButton>("use_in_a_run")->isEnabled());
    QTest::keyClick(lab.editor().code(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(lab.editor().text(), argmax_loss);
    QTRY_COMPARE(lab.headline(), QStringLiteral("Gradient stops at line 3, argmax."));
}

void LossPageTest::lines_say_what_they_hold_and_keep_their_notes_while_text_moves() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    QCOMPARE(lab.editor().note_at(2), QStringLiteral("[4, 96, 50257] f32 · 0…0.98 · gradient flows"));
    QCOMPARE(lab.editor().note_at(4), QStringLiteral("[4, 96] bool"));
    QCOMPARE(lab.editor().note_at(5), QStringLiteral("[] f32 · 0.417 · no gradient"));
    lab.editor().set_caret(1, 26);
    QTest::keyClick(lab.editor().code(), Qt::Key_Return);
    QCOMPARE(lab.editor().note_at(3), QStringLiteral("[4, 96, 50257] f32 · 0…0.98 · gradient flows"));
    QVERIFY(lab.editor().is_tinted(4));
}

void LossPageTest::a_text_that_is_not_understood_keeps_what_was_known_of_its_lines() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    lab.editor().replace_text(QString(argmax_loss).replace(QStringLiteral("keep = labels"), QStringLiteral("keep = lgits")));
    QVERIFY(lab.checked());
    QCOMPARE(lab.headline(), QStringLiteral("Line 4 is not understood."));
    QVERIFY(lab.page.heat()->map()->isVisible());
}

void LossPageTest::parameters_become_fields() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QStringLiteral(
        "def loss(logits, labels, weight: float = 0.5, hard: bool = True, mode: str = \"mean\"):\n    return weight * logits\n")));
    auto* weight = qobject_cast<QLineEdit*>(lab.page.inspector()->findChild<ParameterForm*>()->input(QStringLiteral("weight")));
    auto* hard = lab.part<QCheckBox>("parameter_hard");
    QVERIFY(weight && hard && lab.part<QLineEdit>("parameter_mode"));
    QCOMPARE(weight->text(), QStringLiteral("0.5"));
    QVERIFY(hard->isChecked());
    QCOMPARE(lab.editor().note_at(2), QStringLiteral("[] f32 · 0.208 · gradient flows"));
    weight->setText(QStringLiteral("2"));
    QTRY_COMPARE(lab.editor().note_at(2), QStringLiteral("[] f32 · 0.834 · gradient flows"));
    hard->setChecked(false);
    QTRY_VERIFY(!losses_in(project).empty() && losses_in(project).front().parameters == Json({{"weight", 2.0}, {"hard", false}}));
    QCOMPARE(lab.page.spec().parameters, Json({{"weight", 2.0}, {"hard", false}}));
}

void LossPageTest::a_field_takes_no_nonsense() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QStringLiteral("def loss(logits, labels, weight: float = 0.5, count: int = 3):\n    return weight * logits\n")));
    auto* weight = lab.part<QLineEdit>("parameter_weight");
    weight->setText(QStringLiteral("much"));
    QVERIFY(weight->property("wrong").toBool());
    lab.part<QLineEdit>("parameter_count")->setText(QStringLiteral("2.5"));
    QVERIFY(lab.part<QLineEdit>("parameter_count")->property("wrong").toBool());
    QVERIFY(lab.page.spec().parameters.empty());
    weight->setText(QString());
    QVERIFY(!weight->property("wrong").toBool());
}

void LossPageTest::labels_and_rows_go_with_the_question() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QStringLiteral("def loss(logits, labels):\n    return logits\n")));
    auto* labels = lab.part<QComboBox>("labels");
    labels->setCurrentIndex(1);
    Q_EMIT labels->activated(1);
    QTRY_COMPARE(lab.editor().note_at(2), QStringLiteral("[] f32 · 0.5 · gradient flows"));
    QCOMPARE(lab.page.spec().labels, std::string("unshifted"));
    QTRY_COMPARE(losses_in(project).front().labels, std::string("unshifted"));
    QTest::mouseClick(lab.part<QToolButton>("row_on"), Qt::LeftButton);
    QCOMPARE(lab.page.heat()->shown_row(), 1);
    for (int step = 0; step < 3; ++step) QTest::mouseClick(lab.part<QToolButton>("row_on"), Qt::LeftButton);
    QCOMPARE(lab.part<QSpinBox>("first_row")->value(), 5);
    QVERIFY(lab.checked());
    bool names_the_row = false;
    for (const QLabel* label : lab.page.heat()->findChildren<QLabel*>())
        names_the_row = names_the_row || label->text() == QStringLiteral("row 5");
    QVERIFY(names_the_row);
}

void LossPageTest::only_the_newest_text_is_answered() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    lab.editor().replace_text(QStringLiteral("def loss(logits, labels):\n    lgits  # slowly\n"));
    lab.page.check_now();
    QStringList headlines;
    connect(&lab.page, &LossPage::checked, this, [&] { headlines.append(lab.headline()); });
    lab.editor().replace_text(QStringLiteral("def loss(logits, labels):\n    return logits\n"));
    QVERIFY(lab.checked());
    QCOMPARE(headlines, QStringList{QStringLiteral("Gradient flows.")});
}

void LossPageTest::a_slow_check_says_so() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QStringLiteral("def loss(logits, labels):\n    return logits\n")));
    const auto says_checking = [&] {
        for (const QLabel* label : lab.page.verdict()->findChildren<QLabel*>())
            if (label->isVisible() && label->text() == QStringLiteral("checking…")) return true;
        return false;
    };
    QVERIFY(!says_checking());
    lab.editor().replace_text(QStringLiteral("def loss(logits, labels):\n    return logits  # slowly\n"));
    QTRY_VERIFY(says_checking());
    QCOMPARE(lab.headline(), QStringLiteral("Gradient flows."));
    QVERIFY(lab.checked());
    QVERIFY(!says_checking());
}

void LossPageTest::an_own_loss_is_saved_and_found_again() {
    TrainProject project;
    {
        Lab lab(&project);
        QVERIFY(lab.begin(argmax_loss));
        QTRY_COMPARE(losses_in(project).front().source, argmax_loss.toStdString());
        lab.editor().replace_text(argmax_loss + QStringLiteral("# the end\n"));
        lab.page.hide();  // leaving saves at once
        QTRY_VERIFY(QString::fromStdString(losses_in(project).front().source).endsWith(QStringLiteral("# the end\n")));
    }
    Lab again(&project);
    QVERIFY(again.is_ready);
    QCOMPARE(again.editor().text(), argmax_loss + QStringLiteral("# the end\n"));
    QCOMPARE(again.page.spec().name, std::string("my first loss"));
    QVERIFY(again.part<NoticeBar>("notice")->sentence().isEmpty());
}

void LossPageTest::an_own_loss_is_renamed_duplicated_and_deleted_with_undo() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    lab.page.chips()->own_menu()->actions().at(0)->trigger();
    auto* name = lab.part<QLineEdit>("rename_loss");
    QVERIFY(name->isVisible());
    name->setText(QStringLiteral("wrong tokens"));
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(losses_in(project).front().name, std::string("wrong tokens"));
    lab.page.chips()->own_menu()->actions().at(1)->trigger();
    QTRY_COMPARE(losses_in(project).size(), std::size_t{2});
    QTRY_COMPARE(lab.page.spec().name, std::string("wrong tokens 2"));
    lab.page.chips()->own_menu()->actions().at(2)->trigger();
    QTRY_COMPARE(losses_in(project).size(), std::size_t{1});
    QCOMPARE(lab.page.spec().name, std::string("wrong tokens"));
    QTest::mouseClick(lab.part<NoticeBar>("undo_removal")->button(), Qt::LeftButton);
    QTRY_COMPARE(losses_in(project).size(), std::size_t{2});
    QTRY_COMPARE(lab.page.spec().name, std::string("wrong tokens 2"));
    QCOMPARE(lab.editor().text(), argmax_loss);
}

void LossPageTest::a_loss_of_a_strange_project_is_accepted_first() {
    TrainProject project;
    (void)must(project.writer().losses().add(stored("theirs", QStringLiteral("def loss(logits, labels):\n    return logits\n"))));
    {
        Lab lab(&project);
        QVERIFY(lab.is_ready);
        auto* notice = lab.part<NoticeBar>("notice");
        QCOMPARE(notice->sentence(), QStringLiteral("This loss came with the project. Read it, then accept it."));
        QVERIFY(!lab.part<QPushButton>("use_in_a_run")->isEnabled());
        QTest::mouseClick(notice->button(), Qt::LeftButton);
        QVERIFY(notice->sentence().isEmpty());
        QVERIFY(lab.part<QPushButton>("use_in_a_run")->isEnabled());
    }
    Lab again(&project);
    QVERIFY(again.part<NoticeBar>("notice")->sentence().isEmpty());
}

void LossPageTest::a_letter_changed_in_a_strange_loss_does_not_accept_it() {
    TrainProject project;
    (void)must(project.writer().losses().add(stored("theirs", QStringLiteral("def loss(logits, labels):\n    return logits\n"))));
    {
        Lab lab(&project);
        lab.editor().set_caret(2, 18);
        lab.type(QStringLiteral(" "));
        lab.page.hide();
        QTRY_VERIFY(QString::fromStdString(losses_in(project).front().source).endsWith(QStringLiteral(" \n")));
    }
    Lab again(&project);
    QVERIFY(!again.part<NoticeBar>("notice")->sentence().isEmpty());
}

void LossPageTest::the_catalogue_is_searched_and_made_ones_own() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.is_ready);
    QTest::mouseClick(lab.page.chips()->catalogue_chip(), Qt::LeftButton);
    CataloguePopup& popup = *lab.page.catalogue();
    QTRY_VERIFY(popup.isVisible());
    QCOMPARE(popup.shown_names().size(), 8);
    QTest::keyClicks(popup.search(), QStringLiteral("smooth"));
    QCOMPARE(popup.shown_names(), QStringList{QStringLiteral("label_smoothing")});
    QTest::keyClick(popup.search(), Qt::Key_Return);
    QVERIFY(!popup.isVisible());
    QVERIFY(lab.checked());
    QVERIFY(lab.editor().is_read_only());
    QCOMPARE(lab.page.spec().name, std::string("label_smoothing"));
    QVERIFY(lab.page.spec().source.empty());
    QTest::mouseClick(lab.part<NoticeBar>("notice")->button(), Qt::LeftButton);
    QTRY_COMPARE(lab.page.own_losses().size(), std::size_t{1});
    QVERIFY(!lab.editor().is_read_only());
    QCOMPARE(lab.page.spec().name, std::string("my label smoothing"));
    QVERIFY(lab.page.spec().source.find("amount: float") != std::string::npos);
    QVERIFY(lab.part<NoticeBar>("notice")->sentence().isEmpty());
}

void LossPageTest::the_catalogues_own_stays_as_it_is() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.is_ready);
    const QString before = lab.editor().text();
    QVERIFY(!before.isEmpty());
    lab.type(QStringLiteral("x"));
    QCOMPARE(lab.editor().text(), before);
    lab.page.open_entry(QStringLiteral("counted_errors"));
    QVERIFY(lab.checked());
    QVERIFY(lab.part<NoticeBar>("notice")->sentence().contains(QStringLiteral("argmax has no slope")));
    for (const QPushButton* rewrite : lab.page.verdict()->findChildren<QPushButton*>(QStringLiteral("rewrite")))
        QVERIFY(!rewrite->isEnabled());
}

void LossPageTest::the_keys_move_between_marks() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QString(argmax_loss).replace(QStringLiteral("p = torch.softmax"), QStringLiteral("p = torch.relu"))));
    lab.editor().set_caret(1, 1);
    QWidget* code = lab.editor().code();
    QTest::keyClick(code, Qt::Key_F8);
    QCOMPARE(lab.editor().caret().line, 2);
    QTest::keyClick(code, Qt::Key_F8);
    QCOMPARE(lab.editor().caret().line, 3);
    QCOMPARE(lab.editor().caret().column, 19);
    QTest::keyClick(code, Qt::Key_F8);
    QCOMPARE(lab.editor().caret().line, 2);
    QTest::keyClick(code, Qt::Key_F8, Qt::ShiftModifier);
    QCOMPARE(lab.editor().caret().line, 3);
    QSignalSpy checked(&lab.page, &LossPage::checked);
    QTest::keyClick(code, Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE(checked.count(), 1);
    QVERIFY(lab.editor().text().startsWith(QStringLiteral("def loss")));
}

void LossPageTest::words_are_completed_with_their_shapes() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QStringLiteral("def loss(logits, labels):\n    ")));
    lab.editor().set_caret(2, 5);
    LossReport report;
    report.arguments.push_back({QStringLiteral("logits"), std::vector<std::int64_t>{4, 96, 50257}, QStringLiteral("float32"), {}, {}});
    const auto words = loss_words(report);
    QCOMPARE(words.front().note, QStringLiteral("[4, 96, 50257] f32"));
    // A reward's own functions come with what they take; a loss has none of them.
    const auto offers = [](const LossReport& of) {
        return std::ranges::any_of(loss_words(of), [](const CompletionWord& word) {
            return word.word == QLatin1String("rouge_l(") && word.note.contains(QLatin1String("solution"));
        });
    };
    QVERIFY(!offers(report));
    LossReport reward;
    reward.is_reward = true;
    QVERIFY(offers(reward));
    lab.type(QStringLiteral("lo"));
    QTest::keyClick(lab.editor().code(), Qt::Key_Space, Qt::ControlModifier);
    QTest::keyClick(lab.editor().code(), Qt::Key_Return);
    QCOMPARE(lab.editor().text(), QStringLiteral("def loss(logits, labels):\n    logits"));
    lab.type(QStringLiteral(" + torch.log_so"));
    QTest::keyClick(lab.editor().code(), Qt::Key_Tab);
    QCOMPARE(lab.editor().text(), QStringLiteral("def loss(logits, labels):\n    logits + torch.log_softmax"));
}

void LossPageTest::lines_are_commented_and_back() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    lab.editor().set_caret(4, 3);
    QTest::keyClick(lab.editor().code(), Qt::Key_Slash, Qt::ControlModifier);
    QVERIFY(lab.editor().text().contains(QStringLiteral("\n    # keep = labels")));
    QTest::keyClick(lab.editor().code(), Qt::Key_Slash, Qt::ControlModifier);
    QCOMPARE(lab.editor().text(), argmax_loss);
}

void LossPageTest::snippets_are_put_in_below_the_caret() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(argmax_loss));
    lab.editor().set_caret(2, 8);
    const auto actions = lab.part<QPushButton>("insert")->menu()->actions();
    QVERIFY(actions.size() >= 6);
    actions.at(4)->trigger();
    QVERIFY(
        lab.editor().text().contains(QStringLiteral("dim=-1)\n    logp = torch.log_softmax(logits, dim=-1)\n    entropy = -(logp.exp()")));
    lab.editor().undo();
    QCOMPARE(lab.editor().text(), argmax_loss);
}

void LossPageTest::tokens_are_coloured_by_loss_or_gradient() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.is_ready);
    HeatMap& map = *lab.page.heat()->map();
    QVERIFY(!map.strength_of(1));  // not labelled
    QCOMPARE(map.strength_of(11).value_or(0), 1.0);
    QVERIFY(map.strength_of(16).value_or(1) < 0.8);
    QVERIFY(map.tip_of(11).contains(QStringLiteral("8.5")));
    QVERIFY(map.tip_of(1).contains(QStringLiteral("not labelled")));
    QTest::mouseClick(lab.part<Chip>("heat_gradient"), Qt::LeftButton);
    QCOMPARE(map.strength_of(11).value_or(0), 1.0);
    QVERIFY(!map.rectangle_of(27).isEmpty());
    QVERIFY(map.rectangle_of(27).right() <= map.width());
    QVERIFY(HeatMap::colour_of(1).lightness() < HeatMap::colour_of(0.5).lightness());
    QVERIFY(HeatMap::colour_of(0.5).lightness() < HeatMap::colour_of(0).lightness());
}

void LossPageTest::what_is_printed_can_be_opened() {
    TrainProject project;
    Lab lab(&project);
    QVERIFY(lab.begin(QStringLiteral("def loss(logits, labels):\n    print(logits.shape)\n    return logits\n")));
    auto* toggle = lab.part<QToolButton>("prints_toggle");
    QCOMPARE(toggle->text(), QStringLiteral("2 lines printed"));
    auto* prints = lab.part<QPlainTextEdit>("prints");
    QVERIFY(!prints->isVisible());
    QTest::mouseClick(toggle, Qt::LeftButton);
    QVERIFY(prints->isVisible());
    QVERIFY(prints->toPlainText().contains(QStringLiteral("0.417")));
}

void LossPageTest::a_reward_shows_its_rows() {
    TrainProject project;
    Lab lab(&project);
    lab.page.open_entry(QStringLiteral("exact_match"));
    QVERIFY(lab.checked());
    QCOMPARE(lab.headline(), QStringLiteral("The reward can be used."));
    bool row_said = false;
    for (const QLabel* label : lab.page.heat()->findChildren<QLabel*>()) row_said = row_said || label->text() == QStringLiteral("row 1");
    QVERIFY(row_said);
    QVERIFY(!lab.page.heat()->map()->isVisible());
    QVERIFY(lab.page.spec().source.find("def reward") != std::string::npos);
}

void LossPageTest::without_a_project_it_works_on_the_sample() {
    Lab lab(nullptr);
    QVERIFY(lab.is_ready);
    QCOMPARE(lab.headline(), QStringLiteral("Gradient flows."));
    QVERIFY(lab.begin(argmax_loss));
    QCOMPARE(lab.headline(), QStringLiteral("Gradient stops at line 3, argmax."));
    bool said = false;
    for (const QLabel* label : lab.page.findChildren<QLabel*>())
        said = said || label->text().contains(QStringLiteral("4 rows of the sample"));
    QVERIFY(said);
    QVERIFY(!lab.part<QPushButton>("use_in_a_run")->isEnabled());
}

void LossPageTest::use_in_a_run_fills_the_form_of_train() {
    TrainProject project;
    Theme theme(*qApp);
    EngineClient engine(test_program("loss_engine"));
    RecentProjects recent;
    MainWindow window(engine, theme, recent, app::page_entries(engine, recent));
    window.resize(1280, 800);
    window.show();
    QVERIFY(window.open_project(QString::fromStdString(project.path().string())));
    window.show_page(QStringLiteral("loss"));
    auto* loss = qobject_cast<LossPage*>(window.page(QStringLiteral("loss")));
    QTRY_VERIFY(loss->is_ready());
    loss->open_entry(QStringLiteral("label_smoothing"));
    QTRY_VERIFY(loss->is_ready());
    loss->make_mine();
    QTRY_VERIFY(!loss->own_losses().empty() && loss->is_ready());
    QTRY_VERIFY(loss->findChild<QPushButton*>(QStringLiteral("use_in_a_run"))->isEnabled());
    QTest::mouseClick(loss->findChild<QPushButton*>(QStringLiteral("use_in_a_run")), Qt::LeftButton);
    QCOMPARE(window.current_page_name(), QStringLiteral("train"));
    auto* form = window.findChild<RunForm*>();
    QCOMPARE(form->loss().loss().name, std::string("my label smoothing"));
    QVERIFY(form->loss().loss().source.find("amount: float") != std::string::npos);
    auto* choice = form->findChild<QComboBox*>(QStringLiteral("loss"));
    QTRY_COMPARE(choice->currentText(), QStringLiteral("my label smoothing"));
    QTRY_VERIFY(choice->findText(QStringLiteral("Cross-entropy")) > 0);
    QCOMPARE(form->last_config().loss.name, std::string("my label smoothing"));
    // Another choice, and back to where it is edited.
    const int focal = choice->findText(QStringLiteral("Focal"));
    choice->setCurrentIndex(focal);
    Q_EMIT choice->activated(focal);
    QCOMPARE(form->last_config().loss.name, std::string("focal"));
    QVERIFY(form->last_config().loss.source.empty());
    Q_EMIT choice->activated(choice->findText(QStringLiteral("Edit…")));
    QCOMPARE(window.current_page_name(), QStringLiteral("loss"));
    QCOMPARE(loss->spec().name, std::string("focal"));
}

void LossPageTest::train_refuses_a_loss_nobody_accepted() {
    TrainProject project;
    const StoredLoss theirs = must(project.writer().losses().add(stored("theirs", argmax_loss)));
    EngineClient engine(test_program("loss_engine"));
    TrainPage page(engine);
    page.set_run_program(test_program("scripted_trainer"));
    page.set_project(&project.session());
    page.resize(1000, 780);
    page.show();
    auto* start = page.findChild<QPushButton*>(QStringLiteral("start"));
    QTRY_VERIFY(start->isEnabled());
    page.use_loss(theirs.spec());
    QTRY_VERIFY(start->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    auto* banner = page.findChild<ErrorBanner*>();
    QVERIFY(banner->text().contains(QStringLiteral("“theirs” came with the project")));
    QCOMPARE(page.shown_run(), std::int64_t{0});
    QSignalSpy wanted(&page, &TrainPage::page_wanted);
    Q_EMIT banner->action_wanted();
    QCOMPARE(wanted.value(0).value(0).toString(), QStringLiteral("loss"));
    AcceptedLosses().accept(theirs.source);
    QTest::mouseClick(start, Qt::LeftButton);
    QTRY_VERIFY(page.shown_run() != 0);
    QCOMPARE(must(project.writer().runs().run(page.shown_run())).config.loss.source, theirs.source);
    QTRY_VERIFY(must(project.writer().runs().run(page.shown_run())).status == RunStatus::Finished);
}

void LossPageTest::a_queued_run_waits_until_its_loss_is_accepted() {
    TrainProject project;
    RunConfig config;
    config.name = "theirs";
    config.max_steps = 3;
    config.loss = {"theirs", Json::object(), argmax_loss.toStdString(), "aligned"};
    const std::int64_t run = must(project.writer().runs().create(config)).id;
    const auto status = [&] { return must(project.writer().runs().run(run)).status; };
    RunQueue queue{RunLauncher(test_program("scripted_trainer"))};
    QSignalSpy looked(&queue, &RunQueue::runs_changed);
    queue.set_project(&project.session());
    queue.expect(run);
    QTRY_VERIFY(looked.count() >= 3);
    QVERIFY(status() == RunStatus::Queued);
    // Only the run holds the text: the page shows it, to be read and accepted there.
    Lab lab(&project);
    lab.page.show_loss(config.loss);
    QVERIFY(lab.checked());
    QCOMPARE(lab.editor().text(), argmax_loss);
    QVERIFY(lab.part<NoticeBar>("notice")->sentence().startsWith(QStringLiteral("This loss came with the project")));
    QTest::mouseClick(lab.part<NoticeBar>("notice")->button(), Qt::LeftButton);
    QTRY_VERIFY(status() == RunStatus::Finished);
}

void LossPageTest::an_engine_without_losses_is_told() {
    TrainProject project;
    EngineClient engine(test_program("reckoning_engine"));
    LossPage page(engine);
    page.set_project(&project.session());
    page.show();
    auto* banner = page.findChild<ErrorBanner*>();
    QTRY_VERIFY(!banner->text().isEmpty());
    QTRY_VERIFY(page.is_ready());
    QCOMPARE(page.spec().name, std::string("my first loss"));
    QVERIFY(!page.editor()->is_read_only());
}

void LossPageTest::it_fits_a_narrow_window() {
    TrainProject project;
    Theme theme(*qApp);
    EngineClient engine(test_program("loss_engine"));
    RecentProjects recent;
    MainWindow window(engine, theme, recent, app::page_entries(engine, recent));
    window.resize(1280, 720);
    window.show();
    QVERIFY(window.open_project(QString::fromStdString(project.path().string())));
    window.show_page(QStringLiteral("loss"));
    auto* loss = qobject_cast<LossPage*>(window.page(QStringLiteral("loss")));
    QTRY_VERIFY(loss->is_ready());
    loss->open_entry(QStringLiteral("counted_errors"));
    QTRY_VERIFY(loss->is_ready());
    QCOMPARE(window.width(), 1280);
    for (const char* name : {"use_in_a_run", "insert", "open_catalogue", "new_loss", "labels", "rewrite"}) {
        auto* part = loss->findChild<QWidget*>(QString::fromLatin1(name));
        QVERIFY2(part != nullptr && part->isVisible(), name);
        const QPoint right = part->mapTo(loss, QPoint(part->width(), 0));
        QVERIFY2(right.x() <= loss->width() - 16,
                 qPrintable(QStringLiteral("%1 ends at %2 of %3").arg(QString::fromLatin1(name)).arg(right.x()).arg(loss->width())));
    }
}

}  // namespace lossmith::ui

#include "moc_LossPageTest.cpp"
