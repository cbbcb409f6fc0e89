// Set-aside rows, read a few hundred at a time.
#include "ui/data/AsideModel.h"

#include <QBrush>

#include "core/project/Project.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {
constexpr std::int64_t rows_at_once = 500;
}

QString title_of(AsideReason reason) {
    switch (reason) {
        case AsideReason::Ragged: return AsideModel::tr("ragged");
        case AsideReason::Empty: return AsideModel::tr("empty");
        case AsideReason::Duplicate: return AsideModel::tr("duplicate");
        case AsideReason::Undecodable: return AsideModel::tr("undecodable");
        case AsideReason::OpenQuote: return AsideModel::tr("open quote");
        case AsideReason::OverLong: return AsideModel::tr("too long");
        case AsideReason::NotJson: return AsideModel::tr("not JSON");
        case AsideReason::MissingColumn: return AsideModel::tr("column missing");
    }
    return {};
}

void AsideModel::show_rows(ProjectSession* session, std::int64_t rows) {
    beginResetModel();
    ++m_generation;
    m_session = session;
    m_total = rows;
    m_rows.clear();
    m_reading = false;
    endResetModel();
    if (canFetchMore({})) fetchMore({});
}

const StoredAside* AsideModel::row_at(int row) const {
    return row >= 0 && static_cast<std::size_t>(row) < m_rows.size() ? &m_rows[static_cast<std::size_t>(row)] : nullptr;
}

int AsideModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}
int AsideModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AsideModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const SetAsideRow& row = m_rows[static_cast<std::size_t>(index.row())].row;
    if (role == Qt::ForegroundRole && index.column() == ReasonColumn) return QBrush(Theme::colour(Role::Warn));
    if (role == Qt::ForegroundRole && index.column() == LineColumn) return QBrush(Theme::colour(Role::Muted));
    if (role == Qt::FontRole && index.column() == RawColumn) return Theme::token_font();
    if (role == Qt::ToolTipRole && index.column() == RawColumn) return QString::fromStdString(row.raw);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
        case LineColumn: return static_cast<qlonglong>(row.line);
        case ReasonColumn: return title_of(row.reason);
        case MessageColumn: return QString::fromStdString(row.message);
        case RawColumn: return one_line(QString::fromStdString(row.raw));
        default: return {};
    }
}

QVariant AsideModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
        case LineColumn: return tr("line");
        case ReasonColumn: return tr("reason");
        case MessageColumn: return tr("what is wrong");
        case RawColumn: return tr("as it stands in the file");
        default: return {};
    }
}

bool AsideModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_session && !m_reading && static_cast<std::int64_t>(m_rows.size()) < m_total;
}

void AsideModel::fetchMore(const QModelIndex& parent) {
    if (!canFetchMore(parent)) return;
    m_reading = true;
    m_session->ask(
        this,
        [offset = static_cast<std::int64_t>(m_rows.size())](Project& project) { return project.data().set_aside(rows_at_once, offset); },
        [this, generation = m_generation](Result<std::vector<StoredAside>> rows) { take(generation, std::move(rows)); });
}

void AsideModel::take(int generation, Result<std::vector<StoredAside>> rows) {
    if (generation != m_generation) return;
    if (!rows) {
        m_reading = false;
        m_total = static_cast<std::int64_t>(m_rows.size());
        Q_EMIT failed(rows.error());
        return;
    }
    if (rows->empty()) m_total = static_cast<std::int64_t>(m_rows.size());
    if (!rows->empty()) {
        const int first = static_cast<int>(m_rows.size());
        beginInsertRows({}, first, first + static_cast<int>(rows->size()) - 1);
        m_rows.insert(m_rows.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
        endInsertRows();
    }
    m_reading = false;  // not earlier: while rows are put in, a view may ask for more and would get these again
    Q_EMIT rows_read();
}

}  // namespace lossmith::ui

#include "moc_AsideModel.cpp"
