// A card of form fields that folds away.
#include "ui/train/FoldingCard.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/train/FieldEditor.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {
constexpr int columns = 3;
}

FoldingCard::FoldingCard(const QString& title, bool open, QWidget* parent)
    : Card(title, parent),
      m_inside(new QWidget(this)),
      m_grid(new QGridLayout(m_inside)),
      m_fold(new QToolButton),
      m_summary(new MutedLabel) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(20);
    m_grid->setVerticalSpacing(10);
    for (int column = 0; column < columns; ++column) m_grid->setColumnStretch(column, 1);
    m_summary->setWordWrap(false);
    m_fold->setCheckable(true);
    m_fold->setIconSize({14, 14});
    m_fold->setAccessibleName(tr("Show the fields of “%1”").arg(title));
    header()->addWidget(m_summary);
    header()->addWidget(m_fold);
    body()->addWidget(m_inside);
    connect(m_fold, &QToolButton::toggled, this, [this](bool on) {
        m_inside->setVisible(on);
        layout()->setSpacing(on ? 8 : 0);
        layout()->setContentsMargins(12, 7, 12, on ? 12 : 7);
        m_fold->setIcon(icon(on ? QStringLiteral("arrow-up") : QStringLiteral("arrow-down"), Role::Muted));
        refresh_summary();
    });
    m_fold->setChecked(open);
    if (!open) Q_EMIT m_fold->toggled(false);
}

void FoldingCard::add_field(FieldEditor* field) {
    const int place = static_cast<int>(m_fields.size());
    m_grid->addWidget(field, place / columns, place % columns);
    m_fields.push_back(field);
    connect(field, &FieldEditor::changed, this, &FoldingCard::refresh_summary);
    refresh_summary();
}

void FoldingCard::set_open(bool open) {
    m_fold->setChecked(open);
}

bool FoldingCard::is_open() const {
    return m_fold->isChecked();
}

void FoldingCard::refresh_summary() {
    const auto wrong = std::ranges::count_if(m_fields, [](const FieldEditor* field) { return !field->error().isEmpty(); });
    QStringList changed;
    for (const FieldEditor* field : m_fields) {
        if (!field->is_default()) changed.append(field->label());
    }
    m_summary->set_role(wrong > 0 ? Role::Bad : Role::Muted);
    if (wrong > 0)
        m_summary->setText(tr("%n wrong", nullptr, static_cast<int>(wrong)));
    else if (changed.isEmpty())
        m_summary->setText(is_open() ? QString() : tr("all as by default"));
    else
        m_summary->setText(tr("changed: %1").arg(changed.join(QStringLiteral(", "))));
}

}  // namespace lossmith::ui

#include "moc_FoldingCard.cpp"
