#include "ui/logits/OddsModel.h"

#include <cmath>

#include "ui/logits/Measure.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

/// exp of a change of log-odds: "×120", "÷35".
QString times_text(double change) {
    const double times = std::exp(std::abs(change));
    const QString number = times < 100   ? QString::number(times, 'g', 2)
                           : times < 1e6 ? count_text(std::llround(times))
                                         : QString::number(times, 'g', 2);
    return (change < 0 ? QStringLiteral("÷") : QStringLiteral("×")) + number;
}

}  // namespace

std::vector<OddsChange> odds_from_json(const Json& list) {
    std::vector<OddsChange> all;
    for (const Json& each : list)
        all.push_back({whole_number_in(each, "id"), string_or_empty(each, "text"), number_or_zero(each, "base_log_probability"),
                       number_or_zero(each, "tuned_log_probability"), number_or_zero(each, "change"), whole_number_in(each, "count")});
    return all;
}

void OddsModel::set_changes(std::vector<OddsChange> changes) {
    beginResetModel();
    m_changes = std::move(changes);
    endResetModel();
}

int OddsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_changes.size());
}

int OddsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant OddsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const OddsChange& change = m_changes[static_cast<std::size_t>(index.row())];
    if (role == Qt::FontRole && index.column() == Token) return Theme::token_font();
    if (role == Qt::ForegroundRole && (index.column() == Base || index.column() == Tuned))
        return Theme::colour(index.column() == Base ? lossmith::ui::Role::Base : lossmith::ui::Role::Tuned);
    if (role == Qt::ToolTipRole)
        return tr("id %1 · mean log probability %2 → %3 · log-odds %4")
            .arg(change.id)
            .arg(change.base_log_probability, 0, 'f', 2)
            .arg(change.tuned_log_probability, 0, 'f', 2)
            .arg(change.change, 0, 'f', 2);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
        case Token: return shown_token(change.text);
        case Base: return probability_text(std::exp(change.base_log_probability));
        case Tuned: return probability_text(std::exp(change.tuned_log_probability));
        case Times: return times_text(change.change);
        case Count: return count_text(change.count);
        default: return {};
    }
}

QVariant OddsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::ToolTipRole) {
        if (section == Times) return tr("The odds p / (1 − p) of the mean probability over all labelled places: tuned over base");
        if (section == Count) return tr("At how many places it is the true token");
        return {};
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case Token: return tr("token");
        case Base: return tr("base");
        case Tuned: return tr("tuned");
        case Times: return tr("odds");
        case Count: return tr("true");
        default: return {};
    }
}

}  // namespace lossmith::ui

#include "moc_OddsModel.cpp"
