// Paints list entries of two lines.
#include "ui/start/TwoLineDelegate.h"

#include <QPainter>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

void TwoLineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF shape = QRectF(option.rect).adjusted(0.5, 1.5, -0.5, -1.5);
    if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(Theme::colour(option.state & QStyle::State_Selected ? Role::AccentSoft : Role::Code));
        painter->drawRoundedRect(shape, 6, 6);
    }
    if (option.state & QStyle::State_HasFocus) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(Theme::colour(Role::Accent));
        painter->drawRoundedRect(shape, 6, 6);
    }
    const QRect area = option.rect.adjusted(10, 7, -10, -7);
    const int icon_size = option.decorationSize.width();
    index.data(Qt::DecorationRole)
        .value<QIcon>()
        .paint(painter, QRect(area.left(), area.center().y() - icon_size / 2, icon_size, icon_size));
    const QRect words = area.adjusted(icon_size + 10, 0, 0, 0);
    QFont name = option.font;
    name.setWeight(QFont::DemiBold);
    painter->setFont(name);
    painter->setPen(Theme::colour(Role::Text));
    painter->drawText(words, Qt::AlignTop | Qt::AlignLeft,
                      QFontMetrics(name).elidedText(index.data().toString(), Qt::ElideRight, words.width()));
    QFont small = option.font;
    small.setPixelSize(11);
    painter->setFont(small);
    painter->setPen(Theme::colour(Role::Muted));
    painter->drawText(words, Qt::AlignBottom | Qt::AlignLeft,
                      QFontMetrics(small).elidedText(index.data(second_line_role).toString(), Qt::ElideMiddle, words.width()));
    painter->restore();
}

QSize TwoLineDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    return {120, QFontMetrics(option.font).height() * 2 + 20};
}

}  // namespace lossmith::ui

#include "moc_TwoLineDelegate.cpp"
