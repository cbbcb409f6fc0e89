// The parsed side of the import page.
#include "ui/data/PreviewModel.h"

#include <QBrush>
#include <QFont>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

void PreviewModel::show_preview(const ImportGuess& guess, ImportPreview preview) {
    beginResetModel();
    m_columns.clear();
    m_problem = m_solution = -1;
    for (const std::string& column : guess.columns) {
        if (guess.options.problem == column) m_problem = static_cast<int>(m_columns.size());
        if (guess.options.solution == column) m_solution = static_cast<int>(m_columns.size());
        m_columns.append(QString::fromStdString(column));
    }
    m_cells = std::move(preview.cells);
    endResetModel();
}

void PreviewModel::clear() {
    beginResetModel();
    m_columns.clear();
    m_cells.clear();
    endResetModel();
}

int PreviewModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_cells.size());
}
int PreviewModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant PreviewModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    if (role == Qt::ForegroundRole && !is_chosen(index.column())) return QBrush(Theme::colour(Role::Muted));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    const auto& cells = m_cells[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<std::size_t>(index.column());
    if (column >= cells.size()) return {};
    const QString text = QString::fromStdString(cells[column]);
    return role == Qt::DisplayRole ? one_line(text) : text.left(1500);
}

QVariant PreviewModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size()) return {};
    if (role == Qt::ForegroundRole && is_chosen(section)) return QBrush(Theme::colour(Role::Accent));
    if (role != Qt::DisplayRole) return {};
    if (section == m_problem) return tr("%1 · problem").arg(m_columns[section]);
    if (section == m_solution) return tr("%1 · solution").arg(m_columns[section]);
    return m_columns[section];
}

}  // namespace lossmith::ui

#include "moc_PreviewModel.cpp"
