// Mending a set-aside row.
#include "ui/data/MendPanel.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

#include "ui/data/AsideModel.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

QPlainTextEdit* field(const QString& name, const QString& object_name) {
    auto* edit = new QPlainTextEdit;
    edit->setObjectName(object_name);
    edit->setAccessibleName(name);
    edit->setTabChangesFocus(true);
    edit->setFixedHeight(84);
    return edit;
}

}  // namespace

MendPanel::MendPanel(QWidget* parent)
    : QWidget(parent),
      m_reason(new MutedLabel),
      m_raw(field(tr("The row as it stands in the file"), QStringLiteral("mend_raw"))),
      m_problem(field(tr("Problem"), QStringLiteral("mend_problem"))),
      m_solution(field(tr("Solution"), QStringLiteral("mend_solution"))),
      m_mend(new QPushButton(tr("Put the row in"))) {
    m_raw->setReadOnly(true);
    m_raw->setFont(Theme::token_font());
    m_raw->setProperty("code", true);
    m_mend->setObjectName(QStringLiteral("mend_button"));
    make_primary(m_mend);
    m_reason->set_role(Role::Warn);
    auto* leave = new QPushButton(tr("Leave it out"));
    leave->setToolTip(tr("The row stays on this list and out of the data"));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->addWidget(m_reason, 0, 0, 1, 3);
    grid->addWidget(new MutedLabel(tr("In the file")), 1, 0);
    grid->addWidget(new MutedLabel(tr("Problem")), 1, 1);
    grid->addWidget(new MutedLabel(tr("Solution")), 1, 2);
    grid->addWidget(m_raw, 2, 0);
    grid->addWidget(m_problem, 2, 1);
    grid->addWidget(m_solution, 2, 2);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    buttons->addWidget(leave);
    buttons->addWidget(m_mend);
    grid->addLayout(buttons, 3, 0, 1, 3);
    connect(m_solution, &QPlainTextEdit::textChanged, this, [this] { m_mend->setEnabled(!m_solution->toPlainText().trimmed().isEmpty()); });
    connect(leave, &QPushButton::clicked, this, &MendPanel::left_out);
    connect(m_mend, &QPushButton::clicked, this,
            [this] { Q_EMIT mend_wanted(m_aside, m_problem->toPlainText().toStdString(), m_solution->toPlainText().toStdString()); });
    m_mend->setEnabled(false);
}

void MendPanel::show_row(const StoredAside& aside) {
    m_aside = aside.id;
    m_reason->setText(
        tr("Line %1, %2: %3").arg(QString::number(aside.row.line), title_of(aside.row.reason), QString::fromStdString(aside.row.message)));
    m_raw->setPlainText(QString::fromStdString(aside.row.raw));
    m_problem->clear();
    m_solution->clear();
}

}  // namespace lossmith::ui

#include "moc_MendPanel.cpp"
