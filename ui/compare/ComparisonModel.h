// The rows of a comparison as a table: problem, what base and tuned wrote, the tuned one's ROUGE-L, and its gain over the base.
#pragma once

#include <QAbstractTableModel>
#include <array>
#include <vector>

#include "core/comparison/Comparison.h"
#include "ui/compare/ComparisonJob.h"

namespace lossmith::ui {

class ComparisonModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Problem, Base, Tuned, RougeL, Gain, ColumnCount };
    enum ModelRole {
        SortRole = Qt::UserRole,
        MarksRole,     ///< QList<TextMark> of a text cell
        CompleteRole,  ///< bool: the text is whole, not still coming
    };

    /// A stretch of UTF-16 units that is not in the true solution at its place.
    struct TextMark {
        int start = 0;
        int length = 0;
        bool operator==(const TextMark&) const = default;
    };

    explicit ComparisonModel(QObject* parent = nullptr);

    void reset(Comparison comparison);
    void set_prompt(int row, const std::string& prompt);
    void add_token(int row, Side side, const TracedToken& token);
    void set_text(int row, Side side, const ComparedText& text, const TokenTrace& trace);
    void set_summary(std::map<std::string, ScoreSummary> summary) { m_comparison.summary = std::move(summary); }
    /// Drops what came of texts that will not be finished.
    void drop_unfinished();

    [[nodiscard]] const Comparison& comparison() const { return m_comparison; }
    /// Only the rows that both sides have whole.
    [[nodiscard]] Comparison complete_part() const;
    [[nodiscard]] const ComparisonRow& row_at(int row) const { return m_comparison.rows[static_cast<std::size_t>(row)]; }
    [[nodiscard]] const TokenTrace& trace(int row, Side side) const;
    [[nodiscard]] bool is_complete(int row, Side side) const;
    [[nodiscard]] bool is_complete(int row) const { return is_complete(row, Side::Base) && is_complete(row, Side::Tuned); }
    [[nodiscard]] int complete_rows() const;
    [[nodiscard]] bool has_texts() const;  ///< at least one, whole or coming

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct SideState {
        TokenTrace trace;
        QList<TextMark> marks;
        bool complete = false;
    };

    [[nodiscard]] ComparedText& text_of_side(int row, Side side);
    [[nodiscard]] SideState& state(int row, Side side) { return m_states[static_cast<std::size_t>(row)][static_cast<std::size_t>(side)]; }
    [[nodiscard]] QString shown(const ComparisonRow& row, int column) const;
    void tell_changed(int row);

    Comparison m_comparison;
    std::vector<std::array<SideState, 2>> m_states;
};

/// ROUGE-L of tuned less that of base, where both are known.
[[nodiscard]] std::optional<double> gain_of(const ComparisonRow& row);

/// What of `text` is not in `solution` at its place; nothing where they share too little for marks to say anything.
[[nodiscard]] QList<ComparisonModel::TextMark> marks_against(const ComparedText& text, const std::string& solution);

}  // namespace lossmith::ui

Q_DECLARE_METATYPE(lossmith::ui::ComparisonModel::TextMark)
