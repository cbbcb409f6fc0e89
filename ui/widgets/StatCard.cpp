// One score before and after.
#include "ui/widgets/StatCard.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

MutedLabel* number_label(Role role) {
    auto* label = new MutedLabel;
    QFont font = label->font();
    font.setPixelSize(20);
    label->setFont(font);
    label->setWordWrap(false);
    label->set_role(role);
    return label;
}

}  // namespace

StatCard::StatCard(const QString& label, QWidget* parent)
    : Card(label, parent),
      m_base(number_label(Role::Base)),
      m_arrow(new MutedLabel(QStringLiteral("→"))),
      m_tuned(number_label(Role::Tuned)),
      m_note(new ElidedLabel) {
    auto* numbers = new QHBoxLayout;
    numbers->setSpacing(10);
    numbers->addWidget(m_base);
    numbers->addWidget(m_arrow);
    numbers->addWidget(m_tuned);
    numbers->addStretch();
    QFont small = m_note->font();
    small.setPixelSize(11);
    m_note->setFont(small);
    body()->setSpacing(2);
    body()->addLayout(numbers);
    body()->addWidget(m_note);
}

void StatCard::set_values(const QString& base, const QString& tuned, const QString& note) {
    m_base->setText(base);
    m_tuned->setText(tuned);
    m_base->set_role(Role::Base);
    m_arrow->show();
    m_tuned->show();
    m_note->set_text(note);
    setAccessibleDescription(tr("before %1, after %2").arg(base, tuned));
}

void StatCard::set_value(const QString& value, const QString& note) {
    m_base->setText(value);
    m_base->set_role(Role::Text);
    m_arrow->hide();
    m_tuned->hide();
    m_note->set_text(note);
    setAccessibleDescription(value);
}

}  // namespace lossmith::ui

#include "moc_StatCard.cpp"
