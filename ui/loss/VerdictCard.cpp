// What the check found, in words.
#include "ui/loss/VerdictCard.h"

#include <QFontMetrics>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

constexpr int title_width = 230;
constexpr int most_print_lines = 8;

QString verdict_tr(const char* text) {
    return VerdictCard::tr(text);
}

Role verdict_role(const LossReport& report) {
    switch (report.verdict) {
        case LossVerdict::Ok: return Role::Ok;
        case LossVerdict::ZeroGradient: return Role::Warn;
        default: return Role::Bad;
    }
}

const LossCut* first_cut(const LossReport& report) {
    const auto cut = std::ranges::find(report.cuts, QStringLiteral("cut"), &LossCut::kind);
    return cut == report.cuts.end() ? nullptr : &*cut;
}

QLabel* thin_line() {
    auto* line = new QLabel;
    line->setProperty("thin_line", true);
    line->setFixedHeight(1);
    return line;
}

}  // namespace

QString verdict_headline(const LossReport& report) {
    const int line = report.place.line;
    const auto at = [line](const QString& with, const QString& without) { return line > 0 ? with.arg(line) : without; };
    switch (report.verdict) {
        case LossVerdict::Ok: return report.is_reward ? verdict_tr("The reward can be used.") : verdict_tr("Gradient flows.");
        case LossVerdict::Cut: {
            const LossCut* cut = first_cut(report);
            if (cut != nullptr && cut->place.line > 0 && !cut->operator_name.isEmpty())
                return verdict_tr("Gradient stops at line %1, %2.").arg(QString::number(cut->place.line), cut->operator_name);
            return at(verdict_tr("Gradient stops at line %1."), verdict_tr("No gradient reaches the model."));
        }
        case LossVerdict::ZeroGradient: return verdict_tr("The gradient is zero everywhere.");
        case LossVerdict::Error: return at(verdict_tr("Line %1 is not understood."), verdict_tr("The loss is not understood."));
        case LossVerdict::NotFinite: return at(verdict_tr("Line %1 is not a number."), verdict_tr("The value is not a number."));
        case LossVerdict::Timeout: return at(verdict_tr("Line %1 takes too long."), verdict_tr("The loss takes too long."));
        case LossVerdict::Memory: return at(verdict_tr("Line %1 takes too much memory."), verdict_tr("The loss takes too much memory."));
        case LossVerdict::Denied:
            return at(verdict_tr("Line %1 asks for what a loss may not do."), verdict_tr("The loss asks for what it may not do."));
    }
    return {};
}

QString verdict_reason(const LossReport& report) {
    QStringList sentences;
    const LossCut* cut = first_cut(report);
    const bool cut_says_it = report.verdict == LossVerdict::Cut && cut != nullptr && !cut->reason.isEmpty();
    sentences.append(cut_says_it ? cut->reason : report.message);
    sentences.append(report.hint);
    sentences.removeAll(QString());
    sentences.removeDuplicates();
    return sentences.join(QLatin1Char(' '));
}

VerdictCard::VerdictCard(QWidget* parent)
    : QFrame(parent),
      m_headline(new MutedLabel),
      m_checked(new ElidedLabel),
      m_slow(new MutedLabel(tr("checking…"))),
      m_reason(new QLabel),
      m_prints_toggle(new QToolButton),
      m_prints(new QPlainTextEdit) {
    setObjectName(QStringLiteral("verdict"));
    setProperty("card", true);
    setAccessibleName(tr("What the check found"));
    m_headline->setObjectName(QStringLiteral("headline"));
    m_headline->setWordWrap(false);
    m_headline->setTextFormat(Qt::PlainText);
    QFont bold = font();
    bold.setBold(true);
    m_headline->setFont(bold);
    m_reason->setObjectName(QStringLiteral("reason"));
    m_reason->setWordWrap(true);
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_slow->setWordWrap(false);
    QSizePolicy keeps_its_place = m_slow->sizePolicy();
    keeps_its_place.setRetainSizeWhenHidden(true);
    m_slow->setSizePolicy(keeps_its_place);
    m_slow->hide();
    m_prints_toggle->setObjectName(QStringLiteral("prints_toggle"));
    m_prints_toggle->setCheckable(true);
    m_prints_toggle->setAutoRaise(true);
    m_prints_toggle->setArrowType(Qt::RightArrow);
    m_prints_toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_prints->setObjectName(QStringLiteral("prints"));
    m_prints->setAccessibleName(tr("Printed by the loss"));
    m_prints->setReadOnly(true);
    m_prints->setFont(Theme::token_font());
    connect(m_prints_toggle, &QToolButton::toggled, this, [this](bool open) {
        m_prints->setVisible(open);
        m_prints_toggle->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    });

    auto* top = new QHBoxLayout;
    top->setSpacing(12);
    top->addWidget(m_headline);
    top->addWidget(m_checked, 1);
    top->addWidget(m_slow);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 10);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addWidget(m_reason);
    layout->addWidget(m_prints_toggle, 0, Qt::AlignLeft);
    layout->addWidget(m_prints);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    set_sentence({});
}

QString VerdictCard::headline() const {
    return m_headline->text();
}
QString VerdictCard::reason() const {
    return m_reason->text();
}

void VerdictCard::set_look(Role role) {
    m_headline->set_role(role);
    const QString look = role == Role::Bad ? QStringLiteral("bad") : role == Role::Warn ? QStringLiteral("warn") : QString();
    if (property("verdict").toString() == look) return;
    setProperty("verdict", look);
    style()->unpolish(this);
    style()->polish(this);
}

void VerdictCard::set_sentence(const QString& sentence) {
    m_headline->setText(sentence);
    set_look(Role::Muted);
    m_checked->setText({});
    m_reason->hide();
    show_rewrites({}, false);
    show_prints({});
}

void VerdictCard::set_slow(bool slow) {
    m_slow->setVisible(slow);
}

void VerdictCard::set_report(const LossReport& report, bool of_the_project, bool can_rewrite) {
    m_headline->setText(verdict_headline(report));
    set_look(verdict_role(report));
    QString checked;
    if (report.batch_rows > 0 && report.batch_milliseconds) {
        const QString rows =
            of_the_project
                ? counted(report.batch_rows, tr("checked on 1 row of the training data"), tr("checked on %1 rows of the training data"))
                : counted(report.batch_rows, tr("checked on 1 row of the sample"), tr("checked on %1 rows of the sample"));
        checked = tr("%1 in %2 ms").arg(rows, QString::number(*report.batch_milliseconds, 'f', 0));
    }
    static_cast<ElidedLabel*>(m_checked)->set_text(checked);
    QString reason = verdict_reason(report);
    if (!report.rewrites.empty() && report.verdict == LossVerdict::Cut)
        reason += QLatin1Char(' ') + tr("Ways to say the same thing with a slope:");
    m_reason->setText(reason);
    m_reason->setVisible(!reason.isEmpty());
    show_rewrites(report, can_rewrite);
    show_prints(report.prints);
}

void VerdictCard::show_rewrites(const LossReport& report, bool can_rewrite) {
    delete std::exchange(m_rewrites, nullptr);
    if (report.rewrites.empty()) return;
    m_rewrites = new QWidget(this);
    auto* grid = new QGridLayout(m_rewrites);
    grid->setContentsMargins(8, 0, 8, 0);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(6);
    grid->setColumnMinimumWidth(0, title_width);
    grid->setColumnStretch(1, 1);
    QFont bold = font();
    bold.setBold(true);
    QFont small = font();
    small.setPixelSize(12);
    int row = 0;
    for (const LossRewrite& rewrite : report.rewrites) {
        if (row > 0) grid->addWidget(thin_line(), row++, 0, 1, 3);
        auto* title = new QLabel(rewrite.title);
        title->setTextFormat(Qt::PlainText);
        title->setFont(bold);
        title->setFixedWidth(title_width);
        title->setWordWrap(true);
        auto* about = new MutedLabel(rewrite.about);
        about->setTextFormat(Qt::PlainText);
        about->setFont(small);
        about->setFixedWidth(title_width);
        auto* snippet = new QLabel(rewrite.snippet);
        snippet->setTextFormat(Qt::PlainText);
        snippet->setFont(Theme::token_font());
        snippet->setWordWrap(true);
        snippet->setMinimumWidth(120);
        snippet->setTextInteractionFlags(Qt::TextSelectableByMouse);
        auto* button = new QPushButton(tr("Rewrite"));
        button->setObjectName(QStringLiteral("rewrite"));
        button->setAccessibleName(tr("Rewrite: %1").arg(rewrite.title));
        button->setEnabled(can_rewrite);
        button->setToolTip(can_rewrite ? tr("Puts this in place of the text; Ctrl+Z brings the old text back")
                                       : tr("Make the loss yours first: the catalogue's own stays as it is"));
        connect(button, &QPushButton::clicked, this, [this, rewrite] { Q_EMIT rewrite_wanted(rewrite); });
        auto* words = new QVBoxLayout;
        words->setSpacing(2);
        words->addWidget(title);
        if (!rewrite.about.isEmpty())
            words->addWidget(about);
        else
            delete about;
        words->addStretch();
        grid->addLayout(words, row, 0);
        grid->addWidget(snippet, row, 1, Qt::AlignTop);
        grid->addWidget(button, row, 2, Qt::AlignTop);
        ++row;
    }
    static_cast<QVBoxLayout*>(layout())->insertWidget(2, m_rewrites);
    m_rewrites->show();
}

void VerdictCard::show_prints(const QStringList& prints) {
    m_prints_toggle->setVisible(!prints.isEmpty());
    m_prints_toggle->setText(counted(prints.size(), tr("1 line printed"), tr("%1 lines printed")));
    const QString text = prints.join(QLatin1Char('\n'));
    if (m_prints->toPlainText() != text) m_prints->setPlainText(text);
    const int lines = std::clamp(static_cast<int>(prints.size()), 2, most_print_lines);
    m_prints->setFixedHeight(lines * QFontMetrics(m_prints->font()).lineSpacing() + 14);
    m_prints->setVisible(!prints.isEmpty() && m_prints_toggle->isChecked());
}

}  // namespace lossmith::ui

#include "moc_VerdictCard.cpp"
