// What a run wrote from one of its fixed prompts, step by step.
#include "ui/train/SamplesModel.h"

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {
constexpr qsizetype shown_characters = 600;
}

void SamplesModel::set_samples(std::vector<Sample> samples) {
    const bool grown = samples.size() > m_samples.size() && !m_samples.empty();
    bool same_start = true;
    for (std::size_t i = 0; i < std::min(samples.size(), m_samples.size()); ++i) {
        same_start = same_start && samples[i].step == m_samples[i].step && samples[i].text == m_samples[i].text;
    }
    if (same_start && samples.size() == m_samples.size()) return;
    if (grown && same_start) {
        const int before = rowCount();
        beginInsertRows({}, before, static_cast<int>(samples.size()) - 1);
        m_samples = std::move(samples);
        endInsertRows();
        // The one that was the last is so no more.
        Q_EMIT dataChanged(index(before - 1, 0), index(before - 1, ColumnCount - 1), {Qt::ForegroundRole});
        return;
    }
    beginResetModel();
    m_samples = std::move(samples);
    endResetModel();
}

int SamplesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_samples.size());
}
int SamplesModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SamplesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const Sample& sample = m_samples[static_cast<std::size_t>(index.row())];
    const bool step = index.column() == StepColumn;
    switch (role) {
        case Qt::DisplayRole:
            if (step) return count_text(sample.step);
            if (sample.text.empty()) return tr("(nothing: the model ended at once)");
            return one_line(QString::fromStdString(sample.text).trimmed(), shown_characters);
        case Qt::ToolTipRole: return step ? QVariant() : QVariant(QString::fromStdString(sample.text));
        case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignTop));
        case Qt::ForegroundRole:
            if (step || sample.text.empty()) return Theme::colour(Role::Muted);
            if (sample.step == 0) return Theme::colour(Role::Base);
            return Theme::colour(index.row() == rowCount() - 1 ? Role::Tuned : Role::Text);
        default: return {};
    }
}

QVariant SamplesModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    return section == StepColumn ? tr("step") : tr("text");
}

}  // namespace lossmith::ui

#include "moc_SamplesModel.cpp"
