// The project's runs as a table.
#include "ui/runs/RunsModel.h"

#include <QFileInfo>
#include <algorithm>
#include <limits>

#include "ui/charts/ChartText.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

QString model_text(const std::string& model) {
    const QString text = QString::fromStdString(model);
    return text.contains(QLatin1Char('/')) ? QFileInfo(text).fileName() : text;
}

std::string* editable(Run& run, int column) {
    switch (column) {
        case RunsModel::NameColumn: return &run.name;
        case RunsModel::TagsColumn: return &run.tags;
        case RunsModel::NoteColumn: return &run.note;
        default: return nullptr;
    }
}

bool is_number(int column) {
    return column == RunsModel::IdColumn || column == RunsModel::BestColumn || column == RunsModel::StepsColumn ||
           column == RunsModel::DurationColumn;
}

}  // namespace

void RunsModel::set_runs(std::vector<Run> runs) {
    const bool same_rows = std::ranges::equal(runs, m_runs, {}, &Run::id, &Run::id);
    if (same_rows) {
        m_runs = std::move(runs);
        if (!m_runs.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    // Runs come at the top and go anywhere; each is told alone, so that selections and an open editor live through it.
    for (int row = rowCount() - 1; row >= 0; --row) {
        const std::int64_t id = m_runs[static_cast<std::size_t>(row)].id;
        if (std::ranges::find(runs, id, &Run::id) != runs.end()) continue;
        beginRemoveRows({}, row, row);
        m_runs.erase(m_runs.begin() + row);
        endRemoveRows();
    }
    for (std::size_t row = 0; row < runs.size(); ++row) {
        if (row < m_runs.size() && m_runs[row].id == runs[row].id) continue;
        beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
        m_runs.insert(m_runs.begin() + static_cast<std::ptrdiff_t>(row), runs[row]);
        endInsertRows();
    }
    m_runs.resize(runs.size());
    set_runs(std::move(runs));
}

void RunsModel::set_origins(std::map<std::int64_t, RunOrigin> origins) {
    if (origins == m_origins) return;
    m_origins = std::move(origins);
    if (!m_runs.empty()) Q_EMIT dataChanged(index(0, ModelColumn), index(rowCount() - 1, ModelColumn));
}

const Run* RunsModel::run_at(int row) const {
    return row >= 0 && row < rowCount() ? &m_runs[static_cast<std::size_t>(row)] : nullptr;
}

int RunsModel::row_of(std::int64_t run) const {
    const auto found = std::ranges::find(m_runs, run, &Run::id);
    return found == m_runs.end() ? -1 : static_cast<int>(found - m_runs.begin());
}

int RunsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}
int RunsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

/// "focal", "reward: brief", "reward: brief + cross entropy"
QString RunsModel::learnt_from(const RunConfig& config) {
    if (!config.reward) return words_of_name(config.loss.name);
    const QString reward = tr("reward: %1").arg(words_of_name(config.reward->name));
    return config.reward->loss_weight > 0.0 ? reward + QStringLiteral(" + ") + words_of_name(config.loss.name) : reward;
}

QString RunsModel::text_of(const Run& run, int column) const {
    switch (column) {
        case IdColumn: return QString::number(run.id);
        case NameColumn: return QString::fromStdString(run.name);
        case StatusColumn: return status_text(run.status);
        case ModelColumn: {
            const auto origin = m_origins.find(run.id);
            if (origin == m_origins.end()) return model_text(run.config.model);
            return origin->second.step > 0 ? tr("run %1, step %2").arg(origin->second.run).arg(count_text(origin->second.step))
                                           : tr("run %1").arg(origin->second.run);
        }
        case LossColumn: return learnt_from(run.config);
        case BestColumn: return run.best_validation_loss ? value_text(*run.best_validation_loss, ValueFormat::Number) : QStringLiteral("–");
        case StepsColumn:
            return run.total_steps > 0 && run.step < run.total_steps ? tr("%1 of %2").arg(count_text(run.step), count_text(run.total_steps))
                                                                     : count_text(run.step);
        case DurationColumn: {
            const auto seconds = seconds_of(run);
            return seconds ? duration_text(*seconds) : QStringLiteral("–");
        }
        case StartedColumn: return run.started_at.empty() ? tr("not yet") : time_text(QString::fromStdString(run.started_at));
        case TagsColumn: return QString::fromStdString(run.tags);
        case NoteColumn: return QString::fromStdString(run.note);
        default: return {};
    }
}

QVariant RunsModel::sort_key_of(const Run& run, int column) const {
    switch (column) {
        case IdColumn: return QVariant::fromValue(static_cast<qlonglong>(run.id));
        // What has no value yet sorts after all that have one.
        case BestColumn: return run.best_validation_loss.value_or(std::numeric_limits<double>::max());
        case StepsColumn: return QVariant::fromValue(static_cast<qlonglong>(run.step));
        case DurationColumn: return seconds_of(run).value_or(0.0);
        case StartedColumn: return QString::fromStdString(run.started_at);
        default: return text_of(run, column);
    }
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const Run& run = m_runs[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
        case Qt::DisplayRole: return text_of(run, column);
        case Qt::EditRole: return text_of(run, column);
        case SortRole: return sort_key_of(run, column);
        case RunRole: return QVariant::fromValue(static_cast<qlonglong>(run.id));
        case Qt::ToolTipRole:
            if (column == StatusColumn && !run.message.empty()) return QString::fromStdString(run.message);
            if (column == ModelColumn) return QString::fromStdString(run.config.model);
            if (column == NoteColumn && !run.note.empty()) return QString::fromStdString(run.note);
            return {};
        case Qt::ForegroundRole:
            if (column == StatusColumn) return Theme::colour(status_role(run.status));
            return {};
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(Qt::Alignment((is_number(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
        default: return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    static const char* const names[ColumnCount] = {QT_TR_NOOP("run"),   QT_TR_NOOP("name"), QT_TR_NOOP("status"),
                                                   QT_TR_NOOP("model"), QT_TR_NOOP("loss"), QT_TR_NOOP("best validation"),
                                                   QT_TR_NOOP("steps"), QT_TR_NOOP("time"), QT_TR_NOOP("started"),
                                                   QT_TR_NOOP("tags"),  QT_TR_NOOP("note")};
    if (role == Qt::DisplayRole) return tr(names[section]);
    if (role == Qt::TextAlignmentRole && is_number(section)) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (role == Qt::ToolTipRole && (section == NameColumn || section == TagsColumn || section == NoteColumn)) {
        return tr("Double-click or press F2 to change it");
    }
    return {};
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.column() == NameColumn || index.column() == TagsColumn || index.column() == NoteColumn) flags |= Qt::ItemIsEditable;
    return flags;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) return false;
    Run& run = m_runs[static_cast<std::size_t>(index.row())];
    std::string* field = editable(run, index.column());
    const std::string text = value.toString().trimmed().toStdString();
    if (!field || (index.column() == NameColumn && text.empty())) return false;
    if (*field == text) return true;
    *field = text;
    Q_EMIT dataChanged(index, index);
    Q_EMIT edited(run);
    return true;
}

}  // namespace lossmith::ui

#include "moc_RunsModel.cpp"
