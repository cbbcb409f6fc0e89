// The table of a comparison: wrapped texts with marked words, sorted by any column, rows as high as their texts.
#pragma once

#include <QTableView>

class QSortFilterProxyModel;

namespace lossmith::ui {

class ComparisonModel;
class RowHeights;

class ComparisonTable : public QTableView {
    Q_OBJECT

public:
    explicit ComparisonTable(ComparisonModel& model, QWidget* parent = nullptr);

    /// Rows stay where they are while texts come in; this puts them in order again.
    void sort_again();
    [[nodiscard]] int chosen_row() const;  ///< row of the model, not of the view; -1: none
    [[nodiscard]] int row_in_model(int row_in_view) const;

Q_SIGNALS:
    void row_chosen(int row);  ///< row of the model

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void share_width();

    ComparisonModel& m_model;
    QSortFilterProxyModel* m_sorted;
    RowHeights* m_heights;
};

}  // namespace lossmith::ui
