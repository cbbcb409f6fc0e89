// The rows of a comparison as a table: problem, what each model wrote, and how each tuned model scores against the base.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/comparison/Comparison.h"
#include "ui/generation/TokenTrace.h"

namespace lossmith::ui {

/// Columns: the problem; a text of each model, the base's first; then of each tuned model its gain in the chosen score, and before it the
/// score itself where there is only one tuned model. A model is named by its place in Comparison::models.
class ComparisonModel : public QAbstractTableModel {
    Q_OBJECT

public:
    static constexpr int problem_column = 0;
    enum ModelRole {
        SortRole = Qt::UserRole,
        MarksRole,     ///< QList<TextMark> of a text cell
        CompleteRole,  ///< bool: the text is whole, not still coming
        KindRole,      ///< int: ColumnKind
        BaseRole,      ///< bool: the base's text
    };
    enum class ColumnKind { Problem, Text, Score, Gain };

    /// A stretch of UTF-16 units that is not in the true solution at its place.
    struct TextMark {
        int start = 0;
        int length = 0;
        bool operator==(const TextMark&) const = default;
    };

    explicit ComparisonModel(QObject* parent = nullptr);

    void reset(Comparison comparison);
    void set_prompt(int row, const std::string& prompt);
    void add_token(int row, int model, const TracedToken& token);
    void set_text(int row, int model, const ComparedText& text, const TokenTrace& trace);
    void set_summaries(std::vector<ScoreSummaries> summaries) { m_comparison.summaries = std::move(summaries); }
    /// The score that the columns at the right are about.
    void set_score(const ScoreKind& kind);
    [[nodiscard]] const ScoreKind& score() const { return *m_score; }
    /// Drops what came of texts that will not be finished.
    void drop_unfinished();

    [[nodiscard]] const Comparison& comparison() const { return m_comparison; }
    [[nodiscard]] int models() const { return static_cast<int>(m_comparison.models.size()); }
    [[nodiscard]] ColumnKind kind_of(int column) const;
    [[nodiscard]] int model_of(int column) const;  ///< of a text, score or gain column
    [[nodiscard]] int text_column(int model) const { return problem_column + 1 + model; }
    [[nodiscard]] int score_column() const { return models() == 2 ? text_column(models()) : -1; }  ///< -1: there is none
    [[nodiscard]] int gain_column(int model) const;

    /// Only the rows that all models have whole.
    [[nodiscard]] Comparison complete_part() const;
    [[nodiscard]] const ComparisonRow& row_at(int row) const { return m_comparison.rows[static_cast<std::size_t>(row)]; }
    [[nodiscard]] const TokenTrace& trace(int row, int model) const { return state(row, model).trace; }
    [[nodiscard]] bool is_complete(int row, int model) const { return state(row, model).complete; }
    [[nodiscard]] bool is_complete(int row) const;
    [[nodiscard]] int complete_rows() const;
    [[nodiscard]] bool has_texts() const;  ///< at least one, whole or coming

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct TextState {
        TokenTrace trace;
        QList<TextMark> marks;
        bool complete = false;
    };

    [[nodiscard]] ComparedText& text_at(int row, int model);
    [[nodiscard]] TextState& state(int row, int model) { return m_states[static_cast<std::size_t>(row)][static_cast<std::size_t>(model)]; }
    [[nodiscard]] const TextState& state(int row, int model) const {
        return m_states[static_cast<std::size_t>(row)][static_cast<std::size_t>(model)];
    }
    [[nodiscard]] std::optional<double> number_at(const ComparisonRow& row, int column) const;
    [[nodiscard]] QString shown(const ComparisonRow& row, int column) const;
    [[nodiscard]] QString heading(int column) const;
    void tell_changed(int row);

    Comparison m_comparison;
    const ScoreKind* m_score;
    std::vector<std::vector<TextState>> m_states;  ///< by row, then model
};

/// What of `text` is not in `solution` at its place; nothing where they share too little for marks to say anything.
[[nodiscard]] QList<ComparisonModel::TextMark> marks_against(const ComparedText& text, const std::string& solution);

}  // namespace lossmith::ui

Q_DECLARE_METATYPE(lossmith::ui::ComparisonModel::TextMark)
