// A rounded panel with a heading.
#include "ui/widgets/Card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

namespace lossmith::ui {

Card::Card(const QString& heading, QWidget* parent)
    : QFrame(parent), m_heading(new QLabel(heading)), m_header(new QHBoxLayout), m_body(new QVBoxLayout) {
    m_heading->setObjectName(QStringLiteral("card_heading"));
    m_heading->setVisible(!heading.isEmpty());
    m_heading->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(heading);
    m_header->setSpacing(8);
    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_heading);
    top->addStretch();
    top->addLayout(m_header);
    m_body->setSpacing(8);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 12);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addLayout(m_body, 1);
}

void Card::set_heading(const QString& heading) {
    m_heading->setText(heading);
    m_heading->setVisible(!heading.isEmpty());
    setAccessibleName(heading);
}

void Card::set_selected(bool selected) {
    setProperty("selected", selected);
    style()->unpolish(this);
    style()->polish(this);
}

}  // namespace lossmith::ui

#include "moc_Card.cpp"
