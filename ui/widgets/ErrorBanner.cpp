// An error in the page.
#include "ui/widgets/ErrorBanner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

ErrorBanner::ErrorBanner(QWidget* parent)
    : QFrame(parent), m_message(new QLabel), m_hint(new QLabel), m_action(new QPushButton), m_dismiss(new QToolButton) {
    m_message->setObjectName(QStringLiteral("message"));
    for (QLabel* label : {m_message, m_hint}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_dismiss->setIcon(icon(QStringLiteral("dialog-close"), Role::Muted));
    m_dismiss->setAccessibleName(tr("Dismiss"));
    m_dismiss->setToolTip(tr("Dismiss"));
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_message);
    words->addWidget(m_hint);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->addLayout(words, 1);
    layout->addWidget(m_action, 0, Qt::AlignVCenter);
    layout->addWidget(m_dismiss, 0, Qt::AlignTop);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    hide();
    connect(m_action, &QPushButton::clicked, this, &ErrorBanner::action_wanted);
    connect(m_dismiss, &QToolButton::clicked, this, [this] {
        clear();
        Q_EMIT dismissed();
    });
}

void ErrorBanner::show_error(const Error& error, const QString& action) {
    if (error.kind == ErrorKind::Cancelled) {
        clear();
        return;
    }
    m_message->setText(QString::fromStdString(describe(error)));
    m_hint->setText(QString::fromStdString(error.hint));
    m_hint->setVisible(!error.hint.empty());
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    setAccessibleName(m_message->text());
    show();
}

void ErrorBanner::clear() {
    m_message->clear();
    hide();
}

QString ErrorBanner::text() const {
    return isHidden() ? QString() : m_message->text();
}

}  // namespace lossmith::ui

#include "moc_ErrorBanner.cpp"
