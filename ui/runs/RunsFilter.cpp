// Which runs the table shows, by words typed.
#include "ui/runs/RunsFilter.h"

#include <algorithm>

#include "ui/runs/RunsModel.h"

namespace lossmith::ui {

RunsFilter::RunsFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(RunsModel::SortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(true);
}

void RunsFilter::set_words(const QString& text) {
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    QString all;
    for (int column = 0; column < sourceModel()->columnCount(parent); ++column) {
        all += sourceModel()->index(row, column, parent).data().toString() + QLatin1Char('\n');
    }
    return std::ranges::all_of(m_words, [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

}  // namespace lossmith::ui

#include "moc_RunsFilter.cpp"
