// One line over the page with a button.
#include "ui/loss/NoticeBar.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStyle>

#include "ui/widgets/Labels.h"

namespace lossmith::ui {

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent), m_sentence(new MutedLabel), m_button(new QPushButton) {
    setProperty("card", true);
    m_sentence->setTextFormat(Qt::PlainText);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 6, 8, 6);
    layout->setSpacing(12);
    layout->addWidget(m_sentence, 1);
    layout->addWidget(m_button);
    connect(m_button, &QPushButton::clicked, this, &NoticeBar::pressed);
    hide();
}

void NoticeBar::say(const QString& sentence, const QString& button, bool is_warning) {
    m_sentence->setText(sentence);
    m_sentence->set_role(is_warning ? Role::Warn : Role::Muted);
    setAccessibleName(sentence);
    m_button->setText(button);
    const QString look = is_warning ? QStringLiteral("warn") : QString();
    if (property("verdict").toString() != look) {
        setProperty("verdict", look);
        style()->unpolish(this);
        style()->polish(this);
    }
    show();
}

QString NoticeBar::sentence() const {
    return isHidden() ? QString() : m_sentence->text();
}

}  // namespace lossmith::ui

#include "moc_NoticeBar.cpp"
