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

std::optional<double> gain_of(const ComparisonRow& row) {
    const auto& base = row.base.scores.rouge_l;
    const auto& tuned = row.tuned.scores.rouge_l;
    return base && tuned ? std::optional(*tuned - *base) : std::nullopt;
}

ComparisonModel::ComparisonModel(QObject* parent) : QAbstractTableModel(parent) {}

void ComparisonModel::reset(Comparison comparison) {
    beginResetModel();
    m_comparison = std::move(comparison);
    m_states.clear();
    m_states.resize(m_comparison.rows.size());
    endResetModel();
}

ComparedText& ComparisonModel::text_of_side(int row, Side side) {
    ComparisonRow& compared = m_comparison.rows[static_cast<std::size_t>(row)];
    return side == Side::Base ? compared.base : compared.tuned;
}

void ComparisonModel::tell_changed(int row) {
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

void ComparisonModel::set_prompt(int row, const std::string& prompt) {
    m_comparison.rows[static_cast<std::size_t>(row)].prompt = prompt;
}

void ComparisonModel::add_token(int row, Side side, const TracedToken& token) {
    text_of_side(row, side).text += token.text;
    tell_changed(row);
}

void ComparisonModel::set_text(int row, Side side, const ComparedText& text, const TokenTrace& trace) {
    text_of_side(row, side) = text;
    state(row, side) = {trace, marks_against(text, row_at(row).solution), true};
    tell_changed(row);
}

void ComparisonModel::drop_unfinished() {
    for (int row = 0; row < rowCount(); ++row)
        for (const Side side : {Side::Base, Side::Tuned}) {
            if (is_complete(row, side) || text_of_side(row, side).text.empty()) continue;
            text_of_side(row, side) = {};
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

const TokenTrace& ComparisonModel::trace(int row, Side side) const {
    return m_states[static_cast<std::size_t>(row)][static_cast<std::size_t>(side)].trace;
}

bool ComparisonModel::is_complete(int row, Side side) const {
    return m_states[static_cast<std::size_t>(row)][static_cast<std::size_t>(side)].complete;
}

int ComparisonModel::complete_rows() const {
    int count = 0;
    for (int row = 0; row < rowCount(); ++row) count += is_complete(row) ? 1 : 0;
    return count;
}

bool ComparisonModel::has_texts() const {
    return std::ranges::any_of(m_comparison.rows,
                               [](const ComparisonRow& row) { return !row.base.text.empty() || !row.tuned.text.empty(); });
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_comparison.rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString ComparisonModel::shown(const ComparisonRow& row, int column) const {
    const auto number = [](const std::optional<double>& value) { return value ? QString::number(*value, 'f', 2) : QString(); };
    switch (column) {
        case Problem: return QString::fromStdString(row.problem.empty() ? row.prompt : row.problem);
        case Base: return QString::fromStdString(row.base.text);
        case Tuned: return QString::fromStdString(row.tuned.text);
        case RougeL: return number(row.tuned.scores.rouge_l);
        case Gain: {
            const auto gain = gain_of(row);
            return gain && *gain >= 0 ? QStringLiteral("+") + number(gain) : number(gain);
        }
        default: return {};
    }
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ComparisonRow& row = row_at(index.row());
    const int column = index.column();
    const auto& states = m_states[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole: return shown(row, column);
        case Qt::TextAlignmentRole: return QVariant::fromValue((column >= RougeL ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        case SortRole: {
            if (column < RougeL) return shown(row, column).toLower();
            const auto value = column == RougeL ? row.tuned.scores.rouge_l : gain_of(row);
            return value.value_or(-std::numeric_limits<double>::infinity());
        }
        case MarksRole:
            if (column == Base || column == Tuned) return QVariant::fromValue(states[column == Base ? 0 : 1].marks);
            return {};
        case CompleteRole:
            if (column == Base || column == Tuned) return states[column == Base ? 0 : 1].complete;
            return true;
        default: return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return QAbstractTableModel::headerData(section, orientation, role);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue((section >= RougeL ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case Problem: return tr("problem");
        case Base: return tr("base");
        case Tuned: return tr("tuned");
        case RougeL: return tr("ROUGE-L");
        case Gain: return tr("gain");
        default: return {};
    }
}

}  // namespace lossmith::ui

#include "moc_ComparisonModel.cpp"
