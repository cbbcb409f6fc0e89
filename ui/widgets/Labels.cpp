// Section labels, muted text, a page's first line, and lines of facts.
#include "ui/widgets/Labels.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QStyle>

namespace lossmith::ui {

SectionLabel::SectionLabel(const QString& text, QWidget* parent) : QLabel(text.toUpper(), parent) {
    setAccessibleName(text);
    setContentsMargins(0, 6, 0, 0);
}

MutedLabel::MutedLabel(const QString& text, QWidget* parent) : QLabel(text, parent) {
    setWordWrap(true);
    set_role(Role::Muted);
}

void MutedLabel::set_role(Role role) {
    m_role = role;
    recolour();
}

void MutedLabel::recolour() {
    QPalette colours = palette();
    const QColor wanted = Theme::colour(m_role);
    if (colours.color(QPalette::WindowText) == wanted) return;
    colours.setColor(QPalette::WindowText, wanted);
    setPalette(colours);
}

void MutedLabel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) recolour();
    QLabel::changeEvent(event);
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : MutedLabel(text, parent) {
    setWordWrap(false);
    setTextFormat(Qt::PlainText);
}

void ElidedLabel::set_text(const QString& text) {
    setText(text);
    setToolTip(is_elided() ? text : QString());
}

bool ElidedLabel::is_elided() const {
    return fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

QSize ElidedLabel::minimumSizeHint() const {
    return {fontMetrics().horizontalAdvance(QStringLiteral("…")), MutedLabel::minimumSizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width());
    style()->drawItemText(&painter, contentsRect(), static_cast<int>(alignment()), palette(), isEnabled(), shown, foregroundRole());
}

void ElidedLabel::resizeEvent(QResizeEvent* event) {
    MutedLabel::resizeEvent(event);
    setToolTip(is_elided() ? text() : QString());
}

PageHeader::PageHeader(const QString& title, QWidget* parent)
    : QWidget(parent), m_chips(new QHBoxLayout), m_summary(new ElidedLabel), m_buttons(new QHBoxLayout) {
    auto* heading = new QLabel(title);
    heading->setFont(Theme::heading_font());
    m_summary->setObjectName(QStringLiteral("page_summary"));
    m_chips->setSpacing(8);
    m_buttons->setSpacing(8);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(heading);
    layout->addLayout(m_chips);
    layout->addWidget(m_summary, 1);
    layout->addLayout(m_buttons);
    setMinimumHeight(30);
}

void PageHeader::add_chip(QWidget* chip) {
    m_chips->addWidget(chip);
}
void PageHeader::set_summary(const QString& text) {
    m_summary->set_text(text);
}
void PageHeader::add_button(QWidget* button) {
    m_buttons->addWidget(button);
}

FactList::FactList(QWidget* parent) : QWidget(parent), m_grid(new QGridLayout(this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(5);
    m_grid->setColumnStretch(0, 1);
}

void FactList::set_facts(const std::vector<Fact>& facts) {
    while (m_lines.size() > facts.size()) {
        m_lines.back().label->deleteLater();
        m_lines.back().value->deleteLater();
        m_lines.pop_back();
    }
    while (m_lines.size() < facts.size()) {
        const int row = static_cast<int>(m_lines.size());
        Line line{new QLabel, new MutedLabel};
        line.label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        line.value->setAlignment(Qt::AlignRight | Qt::AlignTop);
        line.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_grid->addWidget(line.label, row, 0);
        m_grid->addWidget(line.value, row, 1);
        m_lines.push_back(line);
    }
    for (std::size_t index = 0; index < facts.size(); ++index) {
        m_lines[index].label->setText(facts[index].label);
        m_lines[index].label->setWordWrap(facts[index].label.size() > 30);
        m_lines[index].value->setText(facts[index].value);
        m_lines[index].value->setAccessibleName(facts[index].label);
        m_lines[index].value->set_role(facts[index].role);
        m_lines[index].value->setWordWrap(facts[index].value.size() > 24);
    }
}

}  // namespace lossmith::ui

#include "moc_Labels.cpp"
