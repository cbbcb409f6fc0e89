// An icon, a title, a sentence and a button, in the middle.
#include "ui/widgets/EmptyState.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

EmptyState::EmptyState(const QString& icon_name, const QString& title, const QString& sentence, const QString& button, QWidget* parent)
    : QWidget(parent), m_icon_name(icon_name), m_icon(new QLabel), m_title(new QLabel), m_sentence(new QLabel), m_button(new QPushButton) {
    m_icon->setAlignment(Qt::AlignCenter);
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setFont(Theme::heading_font());
    m_title->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setMaximumWidth(460);
    m_sentence->setForegroundRole(QPalette::PlaceholderText);
    make_primary(m_button);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(10);
    layout->addStretch(2);
    layout->addWidget(m_icon);
    layout->addWidget(m_title);
    // Between stretches instead of aligned: an aligned label that wraps is not asked how tall it gets.
    auto* sentence_row = new QHBoxLayout;
    sentence_row->addStretch(1);
    sentence_row->addWidget(m_sentence, 100);
    sentence_row->addStretch(1);
    layout->addLayout(sentence_row);
    layout->addSpacing(6);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    connect(m_button, &QPushButton::clicked, this, &EmptyState::action_wanted);
    set_text(title, sentence, button);
    draw_icon();
}

void EmptyState::set_text(const QString& title, const QString& sentence, const QString& button) {
    m_title->setText(title);
    m_sentence->setText(sentence);
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
}

void EmptyState::draw_icon() {
    m_icon->setPixmap(icon(m_icon_name, Role::Muted).pixmap(QSize(48, 48), devicePixelRatioF()));
}

void EmptyState::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) draw_icon();
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_EmptyState.cpp"
