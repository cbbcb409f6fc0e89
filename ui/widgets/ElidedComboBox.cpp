// Paints as QComboBox does, with a shorter label.
#include "ui/widgets/ElidedComboBox.h"

#include <QStyleOptionComboBox>
#include <QStylePainter>

namespace lossmith::ui {

namespace {
constexpr int beside_text = 12;
}

ElidedComboBox::ElidedComboBox(Qt::TextElideMode where, QWidget* parent) : QComboBox(parent), m_where(where) {}

void ElidedComboBox::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const int inside = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width();
    const int room = inside - beside_text - (option.currentIcon.isNull() ? 0 : option.iconSize.width());
    option.currentText = fontMetrics().elidedText(option.currentText, m_where, room);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

}  // namespace lossmith::ui

#include "moc_ElidedComboBox.cpp"
