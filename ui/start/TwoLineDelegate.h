// An entry of a list as an icon, a name, and a quieter line under it.
#pragma once

#include <QStyledItemDelegate>

namespace lossmith::ui {

class TwoLineDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    static constexpr int second_line_role = Qt::UserRole + 100;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace lossmith::ui
