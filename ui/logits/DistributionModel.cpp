#include "ui/logits/DistributionModel.h"

#include "ui/logits/Measure.h"

namespace lossmith::ui {

namespace {

QString cell_text(const PlacedToken& token, int column) {
    switch (column) {
        case DistributionModel::Logit: return QString::number(token.logit, 'f', 2);
        case DistributionModel::Bar:
        case DistributionModel::Probability: return probability_text(token.probability);
        case DistributionModel::LogProbability: return QString::number(token.log_probability, 'f', 2);
        case DistributionModel::Rank: return rank_text(token.rank);
        case DistributionModel::After: return token.after > 0 ? probability_text(token.after) : DistributionModel::tr("cut");
        default: return {};
    }
}

QString both_texts(const PlaceRow& row, int column) {
    if (row.base && row.tuned) return cell_text(*row.base, column) + QStringLiteral(" → ") + cell_text(*row.tuned, column);
    const auto& told = row.tuned ? row.tuned : row.base;
    return told ? cell_text(*told, column) : QString();
}

QVariant of_side(const std::optional<PlacedToken>& token, int column, int what) {
    if (!token) return {};
    if (what == DistributionModel::BaseText) return cell_text(*token, column);
    if (what == DistributionModel::BaseShare) return token->probability;
    return token->after <= 0;
}

}  // namespace

void DistributionModel::set_rows(std::vector<PlaceRow> rows) {
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int DistributionModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DistributionModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DistributionModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const PlaceRow& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole: return index.column() == Token ? shown_token(row.text) : both_texts(row, index.column());
        case Qt::ToolTipRole:
            return index.column() == Token ? tr("id %1%2").arg(row.id).arg(row.is_here ? tr(", stands here") : QString())
                                           : both_texts(row, index.column());
        case BaseText: return of_side(row.base, index.column(), BaseText);
        case TunedText: return of_side(row.tuned, index.column(), BaseText);
        case BaseShare: return of_side(row.base, index.column(), BaseShare);
        case TunedShare: return of_side(row.tuned, index.column(), BaseShare);
        case BaseCut: return of_side(row.base, index.column(), BaseCut);
        case TunedCut: return of_side(row.tuned, index.column(), BaseCut);
        case IsHere: return row.is_here;
        default: return {};
    }
}

QVariant DistributionModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (section == Token || section == Bar ? Qt::AlignLeft : Qt::AlignRight));
    if (role == Qt::ToolTipRole) {
        switch (section) {
            case Logit: return tr("The model's raw score. Only differences between logits matter: see “Why negative?”");
            case Probability: return tr("After softmax: exp(logit − log-sum-exp)");
            case LogProbability: return tr("logit − log-sum-exp, natural logarithm");
            case After: return tr("Chance to be drawn after the filters of sampling; what they cut is struck out");
            default: return {};
        }
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case Token: return tr("token");
        case Logit: return tr("logit");
        case Bar: return tr("probability");
        case Probability: return QStringLiteral("p");
        case LogProbability: return QStringLiteral("log p");
        case Rank: return tr("rank");
        case After: return tr("after");
        default: return {};
    }
}

}  // namespace lossmith::ui

#include "moc_DistributionModel.cpp"
