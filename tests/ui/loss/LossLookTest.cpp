#include "tests/ui/loss/LossLookTest.h"

#include <QDir>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QtTest>
#include <cmath>

#include "core/project/LossStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestWindow.h"
#include "tests/ui/train/Screens.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/loss/CataloguePopup.h"
#include "ui/loss/HeatMap.h"
#include "ui/loss/LossChips.h"
#include "ui/loss/LossEditor.h"
#include "ui/loss/LossPage.h"
#include "ui/loss/VerdictCard.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

const QString counting_loss = QStringLiteral(
    "def loss(logits, labels):\n"
    "    p = torch.softmax(logits, dim=-1)\n"
    "    guess = torch.argmax(p, dim=-1)\n"
    "    keep = labels != -100\n"
    "    wrong = (guess != labels) & keep\n"
    "    return wrong.float().sum() / keep.sum()\n");

const QString flowing_loss = QStringLiteral(
    "# cross-entropy, and a little entropy so that nothing is ever certain\n"
    "def loss(logits, labels, weight: float = 0.1, hard: bool = True):\n"
    "    logp = torch.log_softmax(logits, dim=-1)\n"
    "    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction=\"none\", ignore_index=-100)\n"
    "    entropy = -(logp.exp() * logp).sum(dim=-1)\n"
    "    print(logits.shape)\n"
    "    return {\"likelihood\": nll.mean(), \"entropy\": -weight * entropy.mean()}\n");

void draw(Theme& theme, const QString& text, const QString& name) {
    QSettings().clear();
    TrainProject project;
    StoredLoss loss;
    loss.name = "my first loss";
    loss.source = text.toStdString();
    (void)must(project.writer().losses().add(loss));
    AcceptedLosses().accept(loss.source);
    EngineClient engine(test_program("loss_engine"));
    LossPage page(engine);
    page.resize(1036, 830);
    page.set_project(&project.session());
    page.show();
    QTRY_VERIFY(page.is_ready());
    expect_both_palettes(take_pictures(page, theme, name));
}

}  // namespace

void LossLookTest::a_cut_is_drawn_in_both_palettes() {
    draw(m_theme, counting_loss, QStringLiteral("loss"));
}

void LossLookTest::a_loss_that_flows_is_drawn_in_both_palettes() {
    draw(m_theme, flowing_loss, QStringLiteral("loss-flows"));
}

void LossLookTest::an_error_is_drawn_in_both_palettes() {
    draw(m_theme, QString(counting_loss).replace(QStringLiteral("softmax(logits"), QStringLiteral("softmax(lgits")),
         QStringLiteral("loss-error"));
}

void LossLookTest::a_reward_is_drawn_in_both_palettes() {
    draw(m_theme,
         QStringLiteral("def reward(problem: str, solution: str, generated: str) -> float:\n    return 1.0 if generated.strip() == "
                        "solution.strip() else 0.0\n"),
         QStringLiteral("loss-reward"));
}

void LossLookTest::the_catalogue_is_drawn_in_both_palettes() {
    QSettings().clear();
    TrainProject project;
    EngineClient engine(test_program("loss_engine"));
    LossPage page(engine);
    page.resize(900, 700);
    page.set_project(&project.session());
    page.show();
    QTRY_VERIFY(page.is_ready());
    page.open_entry(QStringLiteral("counted_errors"));
    QTRY_VERIFY(page.is_ready());
    expect_both_palettes(take_pictures(page, m_theme, QStringLiteral("loss-sample")));
    page.catalogue()->show_below(page.chips()->catalogue_chip());
    const QImage popup = page.catalogue()->grab().toImage();
    expect_paper(popup, false);
    const QString folder = qEnvironmentVariable("LOSSMITH_SCREENS");
    if (!folder.isEmpty()) popup.save(folder + QStringLiteral("/loss-catalogue.png"));
    page.catalogue()->hide();
}

void LossLookTest::the_completion_is_drawn_in_both_palettes() {
    QSettings().clear();
    TrainProject project;
    EngineClient engine(test_program("loss_engine"));
    LossPage page(engine);
    page.resize(900, 700);
    page.set_project(&project.session());
    page.show();
    QTRY_VERIFY(page.is_ready());
    page.new_loss();
    QTRY_VERIFY(!page.own_losses().empty() && page.is_ready());
    page.editor()->set_caret(4, 5);
    for (const Appearance appearance : {Appearance::Dark, Appearance::Light}) {
        m_theme.preview_appearance(appearance);
        page.editor()->show_completion();
        QWidget* list = nullptr;
        QTRY_VERIFY((list = page.editor()->code()->findChild<QListWidget*>()) != nullptr && list->isVisible());
        expect_paper(list->grab().toImage(), appearance == Appearance::Dark);
        const QString folder = qEnvironmentVariable("LOSSMITH_SCREENS");
        if (!folder.isEmpty())
            list->grab().save(folder + QStringLiteral("/loss-completion-%1.png").arg(QLatin1String(name_of(appearance))));
        QTest::keyClick(page.editor()->code(), Qt::Key_Escape);
    }
}

void LossLookTest::words_can_be_read_in_both_palettes() {
    for (const Appearance appearance : {Appearance::Dark, Appearance::Light}) {
        m_theme.preview_appearance(appearance);
        const QColor paper = Theme::colour(Role::Panel);
        for (const Role role : {Role::Text, Role::Muted, Role::Accent, Role::Base, Role::Tuned, Role::Warn, Role::Ok, Role::Bad})
            QVERIFY2(test::contrast(Theme::colour(role), paper) >= 3.9,
                     qPrintable(QStringLiteral("role %1: %2").arg(static_cast<int>(role)).arg(test::contrast(Theme::colour(role), paper))));
        for (const double strength : {0.0, 0.25, 0.5, 0.75, 1.0})
            QVERIFY2(test::contrast(Theme::colour(Role::Text), HeatMap::colour_of(strength)) >= 4.5, qPrintable(QString::number(strength)));
        QVERIFY(test::contrast(Theme::colour(Role::Bad), Theme::colour(Role::BadSoft)) >= 3.9);
    }
}

}  // namespace lossmith::ui

#include "moc_LossLookTest.cpp"
