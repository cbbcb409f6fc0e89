// Draws a cell with a value for each model: the base's in violet over the tuned one's in teal, as numbers or as bars.
#pragma once

#include <QStyledItemDelegate>

namespace lossmith::ui {

class TwoSidesDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace lossmith::ui
