// The first records of a file as they would be read: a small table that is replaced whole.
#pragma once

#include <QAbstractTableModel>
#include <QStringList>

#include "core/data/Import.h"

namespace lossmith::ui {

class PreviewModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void show_preview(const ImportGuess& guess, ImportPreview preview);
    void clear();
    /// Whether the column is the problem or the solution.
    [[nodiscard]] bool is_chosen(int column) const { return column == m_problem || column == m_solution; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QStringList m_columns;
    std::vector<std::vector<std::string>> m_cells;
    int m_problem = -1;
    int m_solution = -1;
};

}  // namespace lossmith::ui
