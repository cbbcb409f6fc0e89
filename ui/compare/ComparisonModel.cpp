#include "ui/compare/ComparisonModel.h"

#include <algorithm>
#include <limits>

#include "core/comparison/WordDiff.h"
#include "core/comparison/Words.h"

namespace lossmith::ui {

namespace {

/// Below this ROUGE-L nearly every word differs, and marking them all would say nothing.
constexpr double least_likeness = 0.3;

int units_of(std::string_view bytes) {
    return static_cast<int>(QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size())).size());
}

}  // namespace

QList<ComparisonModel::TextMark> marks_against(const ComparedText& text, const std::string& solution) {
    QList<ComparisonModel::TextMark> marks;
    if (trimmed(solution).empty() || text.scores.rouge_l.value_or(0) < least_likeness) return marks;
    int at = 0;
    for (const DiffSpan& span : word_diff(solution, text.text)) {
        const auto piece = std::string_view(text.text).substr(span.second.begin, span.second.end - span.second.begin);
        const int length = units_of(piece);
        if (span.kind == DiffKind::OnlySecond) {
            const auto word = trimmed(piece);
            const int lead = units_of(piece.substr(0, static_cast<std::size_t>(word.data() - piece.data())));
            if (!word.empty()) marks.append({at + lead, units_of(word)});
        }
        at += length;
    }
    return marks;
}

ComparisonModel::ComparisonModel(QObject* parent) : QAbstractTableModel(parent), m_score(find_score_kind("rouge_l")) {}

void ComparisonModel::reset(Comparison comparison) {
    beginResetModel();
    m_comparison = std::move(comparison);
    for (ComparisonRow& row : m_comparison.rows) row.texts.resize(m_comparison.models.size());
    m_states.assign(m_comparison.rows.size(), std::vector<TextState>(m_comparison.models.size()));
    endResetModel();
}

int ComparisonModel::gain_column(int model) const {
    return text_column(models()) + (models() == 2 ? 1 : 0) + model - 1;
}

ComparisonModel::ColumnKind ComparisonModel::kind_of(int column) const {
    if (column == problem_column) return ColumnKind::Problem;
    if (column < text_column(models())) return ColumnKind::Text;
    return column == score_column() ? ColumnKind::Score : ColumnKind::Gain;
}

int ComparisonModel::model_of(int column) const {
    switch (kind_of(column)) {
        case ColumnKind::Text: return column - text_column(0);
        case ColumnKind::Gain: return column - gain_column(0);
        default: return 1;
    }
}

ComparedText& ComparisonModel::text_at(int row, int model) {
    return m_comparison.rows[static_cast<std::size_t>(row)].texts[static_cast<std::size_t>(model)];
}

void ComparisonModel::tell_changed(int row) {
    Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
}

void ComparisonModel::set_prompt(int row, const std::string& prompt) {
    m_comparison.rows[static_cast<std::size_t>(row)].prompt = prompt;
}

void ComparisonModel::set_score(const ScoreKind& kind) {
    m_score = &kind;
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    if (rowCount() > 0) Q_EMIT dataChanged(index(0, text_column(models())), index(rowCount() - 1, columnCount() - 1));
}

void ComparisonModel::add_token(int row, int model, const TracedToken& token) {
    text_at(row, model).text += token.text;
    tell_changed(row);
}

void ComparisonModel::set_text(int row, int model, const ComparedText& text, const TokenTrace& trace) {
    text_at(row, model) = text;
    state(row, model) = {trace, marks_against(text, row_at(row).solution), true};
    tell_changed(row);
}

void ComparisonModel::drop_unfinished() {
    for (int row = 0; row < rowCount(); ++row)
        for (int model = 0; model < models(); ++model) {
            if (is_complete(row, model) || text_at(row, model).text.empty()) continue;
            text_at(row, model) = {};
            tell_changed(row);
        }
}

Comparison ComparisonModel::complete_part() const {
    Comparison part = m_comparison;
    part.rows.clear();
    for (int row = 0; row < rowCount(); ++row)
        if (is_complete(row)) part.rows.push_back(row_at(row));
    return part;
}

bool ComparisonModel::is_complete(int row) const {
    const auto& states = m_states[static_cast<std::size_t>(row)];
    return !states.empty() && std::ranges::all_of(states, &TextState::complete);
}

int ComparisonModel::complete_rows() const {
    int count = 0;
    for (int row = 0; row < rowCount(); ++row) count += is_complete(row) ? 1 : 0;
    return count;
}

bool ComparisonModel::has_texts() const {
    return std::ranges::any_of(m_comparison.rows, [](const ComparisonRow& row) {
        return std::ranges::any_of(row.texts, [](const ComparedText& text) { return !text.text.empty(); });
    });
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_comparison.rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
    if (parent.isValid()) return 0;
    return models() < 2 ? problem_column + 1 + models() : gain_column(models() - 1) + 1;
}

std::optional<double> ComparisonModel::number_at(const ComparisonRow& row, int column) const {
    const auto model = static_cast<std::size_t>(model_of(column));
    return kind_of(column) == ColumnKind::Score ? row.texts[model].scores.*m_score->value : gain_of(row, model, *m_score);
}

QString ComparisonModel::shown(const ComparisonRow& row, int column) const {
    switch (kind_of(column)) {
        case ColumnKind::Problem: return QString::fromStdString(row.problem.empty() ? row.prompt : row.problem);
        case ColumnKind::Text: return QString::fromStdString(row.texts[static_cast<std::size_t>(model_of(column))].text);
        case ColumnKind::Score:
        case ColumnKind::Gain: break;
    }
    const auto value = number_at(row, column);
    if (!value) return {};
    const QString number = QString::number(*value, 'f', m_score->unit == ScoreUnit::Count ? 1 : 2);
    return kind_of(column) == ColumnKind::Gain && *value >= 0 ? QStringLiteral("+") + number : number;
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ComparisonRow& row = row_at(index.row());
    const int column = index.column();
    const bool is_number = kind_of(column) == ColumnKind::Score || kind_of(column) == ColumnKind::Gain;
    switch (role) {
        case Qt::DisplayRole: return shown(row, column);
        case Qt::TextAlignmentRole: return QVariant::fromValue((is_number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        case SortRole:
            if (is_number) return number_at(row, column).value_or(-std::numeric_limits<double>::infinity());
            return shown(row, column).toLower();
        case MarksRole:
            if (kind_of(column) == ColumnKind::Text) return QVariant::fromValue(state(index.row(), model_of(column)).marks);
            return {};
        case KindRole: return static_cast<int>(kind_of(column));
        case BaseRole: return column == text_column(0);
        case CompleteRole: return kind_of(column) != ColumnKind::Text || is_complete(index.row(), model_of(column));
        default: return {};
    }
}

QString ComparisonModel::heading(int column) const {
    const bool several = models() > 2;
    const auto name = [this](int model) { return QString::fromStdString(m_comparison.models[static_cast<std::size_t>(model)]); };
    switch (kind_of(column)) {
        case ColumnKind::Problem: return tr("problem");
        case ColumnKind::Text: return model_of(column) == 0 ? tr("base") : several ? name(model_of(column)) : tr("tuned");
        case ColumnKind::Score: return tr(m_score->title);
        case ColumnKind::Gain: return several ? tr("gain %1").arg(model_of(column)) : tr("gain");
    }
    return {};
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return QAbstractTableModel::headerData(section, orientation, role);
    const bool is_number = kind_of(section) == ColumnKind::Score || kind_of(section) == ColumnKind::Gain;
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue((is_number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::DisplayRole) return heading(section);
    if (role == Qt::ToolTipRole && kind_of(section) != ColumnKind::Problem) {
        const QString model = QString::fromStdString(m_comparison.models[static_cast<std::size_t>(model_of(section))]);
        if (kind_of(section) == ColumnKind::Gain) return tr("How much better than the base %1 is in %2").arg(model, tr(m_score->title));
        return model;
    }
    return {};
}

}  // namespace lossmith::ui

#include "moc_ComparisonModel.cpp"
