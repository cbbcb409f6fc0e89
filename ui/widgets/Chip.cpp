// A rounded label that may be a toggle.
#include "ui/widgets/Chip.h"

#include <QPainter>

namespace lossmith::ui {

Chip::Chip(const QString& text, QWidget* parent) : QPushButton(text, parent) {
    QFont small = font();
    small.setPixelSize(11);
    setFont(small);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    set_clickable(false);
}

void Chip::set_role(Role role) {
    m_role = role;
    update();
}

void Chip::set_clickable(bool clickable) {
    setAttribute(Qt::WA_TransparentForMouseEvents, !clickable);
    setFocusPolicy(clickable ? Qt::StrongFocus : Qt::NoFocus);
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void Chip::setCheckable(bool checkable) {
    QPushButton::setCheckable(checkable);
    set_clickable(checkable);
}

QSize Chip::sizeHint() const {
    const QFontMetrics metrics(font());
    const int icon_room = icon().isNull() ? 0 : 16;
    return {metrics.horizontalAdvance(text()) + 18 + icon_room, metrics.height() + 6};
}

void Chip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool filled = isChecked() || (!isCheckable() && m_role == Role::Accent);
    const QRectF shape = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setBrush(filled ? QBrush(Theme::colour(Role::AccentSoft)) : Qt::NoBrush);
    const QColor outline = hasFocus() || (underMouse() && isEnabled()) ? Theme::colour(Role::Accent) : Theme::colour(Role::Border);
    painter.setPen(filled && !hasFocus() ? Qt::NoPen : QPen(outline));
    painter.drawRoundedRect(shape, shape.height() / 2, shape.height() / 2);
    QRect words = rect().adjusted(9, 0, -9, 0);
    if (!icon().isNull()) {
        icon().paint(&painter, QRect(words.left(), (height() - 12) / 2, 12, 12));
        words.setLeft(words.left() + 16);
    }
    QColor ink = filled ? Theme::colour(Role::Accent) : Theme::colour(m_role);
    if (!isEnabled()) ink.setAlpha(120);
    painter.setPen(ink);
    painter.drawText(words, Qt::AlignCenter, text());
}

}  // namespace lossmith::ui

#include "moc_Chip.cpp"
