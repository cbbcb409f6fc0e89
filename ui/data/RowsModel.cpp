// Pages of rows, read by the session's worker and forgotten when many others were read since.
#include "ui/data/RowsModel.h"

#include <QBrush>
#include <algorithm>
#include <limits>

#include "core/project/Project.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {
constexpr int rows_in_page = 200;
constexpr int pages_kept = 50;
constexpr int tooltip_length = 1500;
}  // namespace

QString title_of(Split split) {
    switch (split) {
        case Split::Train: return RowsModel::tr("train");
        case Split::Validation: return RowsModel::tr("validation");
        case Split::Test: break;
    }
    return RowsModel::tr("test");
}

RowsModel::RowsModel(QObject* parent) : QAbstractTableModel(parent), m_pages(pages_kept) {}

void RowsModel::show_rows(ProjectSession* session, std::optional<Split> split, std::int64_t rows) {
    beginResetModel();
    ++m_generation;
    m_session = session;
    m_split = split;
    m_rows = static_cast<int>(std::min<std::int64_t>(rows, std::numeric_limits<int>::max()));
    m_pages.clear();
    m_wanted.clear();
    endResetModel();
}

const Row* RowsModel::row_at(int row) const {
    if (row < 0 || row >= m_rows) return nullptr;
    const std::vector<Row>* page = m_pages.object(row / rows_in_page);
    const auto place = static_cast<std::size_t>(row % rows_in_page);
    return page != nullptr && place < page->size() ? &(*page)[place] : nullptr;
}

int RowsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}
int RowsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RowsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    if (role == Qt::ForegroundRole && index.column() <= SplitColumn) return QBrush(Theme::colour(Role::Muted));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    const Row* row = row_at(index.row());
    if (row == nullptr) {
        want_page(index.row() / rows_in_page);
        return {};
    }
    const auto text = [role](const std::string& cell) {
        const QString whole = QString::fromStdString(cell);
        return role == Qt::DisplayRole ? one_line(whole) : whole.left(tooltip_length);
    };
    switch (index.column()) {
        case LineColumn: return role == Qt::DisplayRole ? QVariant(static_cast<qlonglong>(row->line)) : QVariant();
        case SplitColumn: return role == Qt::DisplayRole ? QVariant(title_of(row->split)) : QVariant();
        case ProblemColumn: return text(row->problem);
        case SolutionColumn: return text(row->solution);
        default: return {};
    }
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
        case LineColumn: return tr("line");
        case SplitColumn: return tr("split");
        case ProblemColumn: return tr("problem");
        case SolutionColumn: return tr("solution");
        default: return {};
    }
}

void RowsModel::want_page(int page) const {
    if (!m_session || m_wanted.contains(page)) return;
    m_wanted.insert(page);
    auto* self = const_cast<RowsModel*>(this);  // data() is const, the cache it fills is not part of what the model says
    m_session->ask(
        self,
        [split = m_split, page](Project& project) {
            return project.data().rows(split, rows_in_page, static_cast<std::int64_t>(page) * rows_in_page);
        },
        [self, page, generation = m_generation](Result<std::vector<Row>> rows) { self->take_page(page, generation, std::move(rows)); });
}

void RowsModel::take_page(int page, int generation, Result<std::vector<Row>> rows) {
    if (generation != m_generation) return;
    m_wanted.remove(page);
    if (!rows) {
        Q_EMIT failed(rows.error());
        return;
    }
    m_pages.insert(page, new std::vector<Row>(std::move(*rows)));
    const int first = page * rows_in_page;
    const int last = std::min(first + rows_in_page, m_rows) - 1;
    if (last >= first) Q_EMIT dataChanged(index(first, 0), index(last, ColumnCount - 1));
    Q_EMIT page_read();
}

}  // namespace lossmith::ui

#include "moc_RowsModel.cpp"
