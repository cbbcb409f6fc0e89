// Draws the button as a row: icon, title over line.
#include "ui/start/WayButton.h"

#include <QPainter>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

WayButton::WayButton(const QString& icon_name, const QString& title, const QString& line, QWidget* parent)
    : QPushButton(ui::icon(icon_name, Role::Accent), title, parent), m_line(line) {
    setMinimumHeight(62);
    setCursor(Qt::PointingHandCursor);
    setAccessibleDescription(line);
}

void WayButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF shape = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setBrush(Theme::colour(underMouse() && isEnabled() ? Role::AccentSoft : Role::Code));
    painter.setPen(Theme::colour(hasFocus() ? Role::Accent : Role::Border));
    painter.drawRoundedRect(shape, 8, 8);
    icon().paint(&painter, QRect(16, (height() - 26) / 2, 26, 26), Qt::AlignCenter, isEnabled() ? QIcon::Normal : QIcon::Disabled);
    const QRect words(58, 0, width() - 70, height());
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(Theme::colour(isEnabled() ? Role::Text : Role::Muted));
    painter.drawText(words.adjusted(0, 11, 0, 0), Qt::AlignTop | Qt::AlignLeft, text());
    painter.setFont(font());
    painter.setPen(Theme::colour(Role::Muted));
    painter.drawText(words.adjusted(0, 0, 0, -11), Qt::AlignBottom | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(m_line, Qt::ElideRight, words.width()));
}

}  // namespace lossmith::ui

#include "moc_WayButton.cpp"
