#include "ui/logits/LensModel.h"

#include <QBrush>
#include <algorithm>

#include "ui/logits/ColourScale.h"
#include "ui/logits/Measure.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

LensCell cell_from(const Json& json) {
    LensCell cell;
    for (const Json& each : list_in(json, "top"))
        cell.top.push_back({whole_number_in(each, "id"), string_or_empty(each, "text"), number_or_zero(each, "probability")});
    cell.probability = number_in(json, "probability");
    cell.rank = whole_number_in(json, "rank");
    cell.entropy = number_or_zero(json, "entropy");
    return cell;
}

QString lens_tip(const LensCell& cell, const QString& layer) {
    QStringList lines{layer};
    for (const TokenAlternative& each : cell.top)
        lines += shown_token(each.text) + QStringLiteral("  ") + probability_text(each.probability);
    if (cell.probability)
        lines += LensModel::tr("the token that stands there: %1, rank %2").arg(probability_text(*cell.probability), rank_text(cell.rank));
    lines += LensModel::tr("entropy %1 nats").arg(QString::number(cell.entropy, 'f', 2));
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

Result<std::vector<LensLayer>> lens_from_json(const Json& answer) {
    if (!answer.is_object() || !answer.contains("layers")) return failure(unreadable_answer());
    std::vector<LensLayer> layers;
    for (const Json& each : list_in(answer, "layers")) {
        LensLayer layer{QString::fromStdString(string_or_empty(each, "name")), {}};
        for (const Json& token : list_in(each, "tokens")) layer.cells.push_back(cell_from(token));
        layers.push_back(std::move(layer));
    }
    return layers;
}

void LensModel::set_lens(std::vector<LensLayer> layers, const InspectedText& text) {
    beginResetModel();
    m_layers = std::move(layers);
    std::ranges::reverse(m_layers);
    m_tokens.clear();
    for (const InspectedToken& token : text.tokens) m_tokens.push_back(token.text);
    endResetModel();
}

const LensCell* LensModel::cell(const QModelIndex& index) const {
    if (!index.isValid() || index.row() >= rowCount()) return nullptr;
    const auto& cells = m_layers[static_cast<std::size_t>(index.row())].cells;
    return index.column() < static_cast<int>(cells.size()) ? &cells[static_cast<std::size_t>(index.column())] : nullptr;
}

int LensModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_layers.size());
}

int LensModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || m_layers.empty() ? 0 : static_cast<int>(m_layers.front().cells.size());
}

QVariant LensModel::data(const QModelIndex& index, int role) const {
    const LensCell* told = cell(index);
    if (!told || told->top.empty()) return {};
    const double probability = told->top.front().probability;
    const ColourScale scale = scale_of(Measure::Probability);
    switch (role) {
        case Qt::DisplayRole: return shown_token(told->top.front().text);
        case Qt::BackgroundRole: return QBrush(scale.ground(probability));
        case Qt::ForegroundRole: return QBrush(scale.ink(probability));
        case Qt::FontRole: {
            // Right where it says what stands there, which needs no colour to be seen.
            QFont font = Theme::token_font();
            font.setBold(told->rank == 1);
            return font;
        }
        case Qt::ToolTipRole: return lens_tip(*told, m_layers[static_cast<std::size_t>(index.row())].name);
        default: return {};
    }
}

QVariant LensModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignLeft | Qt::AlignVCenter);
    if (orientation == Qt::Vertical) {
        if (role != Qt::DisplayRole || section < 0 || section >= rowCount()) return {};
        return section == 0 ? tr("output") : m_layers[static_cast<std::size_t>(section)].name;
    }
    const auto place = static_cast<std::size_t>(section) + 1;
    if (role == Qt::DisplayRole) return place < m_tokens.size() ? shown_token(m_tokens[place]) : tr("next");
    if (role == Qt::FontRole) return Theme::token_font();
    return {};
}

}  // namespace lossmith::ui

#include "moc_LensModel.cpp"
