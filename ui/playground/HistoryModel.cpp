#include "ui/playground/HistoryModel.h"

#include "ui/generation/SamplingForm.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QString detail(const Generation& generation, const char* name) {
    return QString::fromStdString(string_or_empty(generation.details, name));
}

}  // namespace

HistoryModel::HistoryModel(QObject* parent) : QAbstractTableModel(parent) {}

void HistoryModel::set_generations(std::vector<Generation> generations) {
    const auto same = [](const Generation& a, const Generation& b) { return a.id == b.id; };
    if (std::ranges::equal(generations, m_generations, same)) return;
    // New ones come on top; inserting them there keeps the selection and the place in the list.
    std::size_t fresh = 0;
    while (fresh < generations.size() && (m_generations.empty() || generations[fresh].id != m_generations.front().id)) ++fresh;
    const bool only_added =
        !m_generations.empty() && fresh + m_generations.size() == generations.size() &&
        std::equal(m_generations.begin(), m_generations.end(), generations.begin() + static_cast<std::ptrdiff_t>(fresh), same);
    if (only_added) {
        beginInsertRows({}, 0, static_cast<int>(fresh) - 1);
        m_generations = std::move(generations);
        endInsertRows();
        return;
    }
    beginResetModel();
    m_generations = std::move(generations);
    endResetModel();
}

int HistoryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_generations.size());
}

int HistoryModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant HistoryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Generation& generation = m_generations[static_cast<std::size_t>(index.row())];
    if (role == Qt::ForegroundRole && index.column() == Model)
        return Theme::colour(detail(generation, "side") == QStringLiteral("base") ? Role::Base : Role::Tuned);
    if (role == Qt::ToolTipRole && (index.column() == Prompt || index.column() == Text))
        return index.column() == Prompt ? QString::fromStdString(generation.prompt) : QString::fromStdString(generation.text);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
        case When: return time_text(QString::fromStdString(generation.created_at));
        case Model: return detail(generation, "label");
        case Prompt: return one_line(detail(generation, "typed"));
        case Text: return one_line(QString::fromStdString(generation.text).trimmed());
        case Settings: return sampling_summary(generation.settings);
        default: return {};
    }
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
        case When: return tr("when");
        case Model: return tr("model");
        case Prompt: return tr("prompt");
        case Text: return tr("text");
        case Settings: return tr("settings");
        default: return {};
    }
}

}  // namespace lossmith::ui

#include "moc_HistoryModel.cpp"
