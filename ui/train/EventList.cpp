// What happened in a run, in words with the time.
#include "ui/train/EventList.h"

#include <QEvent>
#include <QScrollBar>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

/// A long run has thousands; the file has them all.
constexpr std::size_t shown_events = 500;

Role role_of(const std::string& kind) {
    if (kind == "failed" || kind == "error" || kind == "not_finite" || kind == "disk_full" || kind == "out_of_memory") return Role::Bad;
    if (kind == "clipped" || kind == "doctor" || kind == "warning" || kind == "unlabelled_row" || kind == "truncated" ||
        kind == "added_tokens" || kind == "lost")
        return Role::Warn;
    return Role::Muted;
}

}  // namespace

EventList::EventList(QWidget* parent) : QWidget(parent), m_view(new QTextBrowser) {
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setAccessibleName(tr("Events"));
    m_view->setOpenLinks(false);
    m_view->document()->setDocumentMargin(0);
    m_view->viewport()->setAutoFillBackground(false);
    m_view->setStyleSheet(QStringLiteral("QTextBrowser { background: transparent; border: none; padding: 0; }"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_view);
    setMinimumHeight(120);
}

void EventList::append(std::span<const RunEvent> events) {
    if (events.empty()) return;
    m_events.insert(m_events.end(), events.begin(), events.end());
    if (m_events.size() > shown_events) m_events.erase(m_events.begin(), m_events.end() - shown_events);
    show_all();
}

void EventList::clear() {
    m_events.clear();
    show_all();
}

QString EventList::text() const {
    return m_view->toPlainText();
}

void EventList::show_all() {
    QString html;
    for (const RunEvent& event : m_events) {
        html += QStringLiteral("<p style=\"margin:0 0 3px 0;color:%1\">%2 %3</p>")
                    .arg(Theme::colour(role_of(event.kind)).name(), time_text(QString::fromStdString(event.at)).toHtmlEscaped(),
                         QString::fromStdString(event.message).toHtmlEscaped());
    }
    m_view->setHtml(html);
    m_view->verticalScrollBar()->setValue(m_view->verticalScrollBar()->maximum());
}

void EventList::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) show_all();
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_EventList.cpp"
