// Draws a text cell over several lines with its marked words, and says how high a row must be. Long texts are cut after a few lines.
#pragma once

#include <QStyledItemDelegate>
#include <QTextLayout>

#include "ui/compare/ComparisonModel.h"

class QTableView;
class QTimer;

namespace lossmith::ui {

class WrappedTextDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    static constexpr int most_lines = 8;

    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    /// Of the text wrapped to option.rect's width.
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// Keeps the rows of a table as high as their wrapped texts need: the visible ones at once, the others when there is time.
class RowHeights : public QObject {
    Q_OBJECT

public:
    explicit RowHeights(QTableView* table);

    void fit_row(int row);
    void fit_all();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fit_some();

    QTableView* m_table;
    QTimer* m_timer;
    int m_next = 0;
};

}  // namespace lossmith::ui
