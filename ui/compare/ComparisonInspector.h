// One row of a comparison in full: problem, true solution, both texts, where they differ, how sure the model was there, all scores.
#pragma once

#include <QWidget>

#include "core/comparison/Comparison.h"
#include "ui/generation/TokenTrace.h"

class QLabel;
class QPushButton;

namespace lossmith::ui {

class FactList;
class MutedLabel;
class SectionLabel;

class ComparisonInspector : public QWidget {
    Q_OBJECT

public:
    explicit ComparisonInspector(QWidget* parent = nullptr);

    /// `number` counts from one.
    void show_row(int number, const ComparisonRow& row, const TokenTrace& tuned_trace);
    void clear();

Q_SIGNALS:
    /// "Open in Playground": the row's problem and true solution.
    void playground_wanted(const QString& problem, const QString& solution);
    /// "Look at the probabilities": the row's prompt with what the tuned model wrote.
    void logits_wanted(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Section {
        SectionLabel* label;
        QLabel* text;
    };
    Section add_section(const QString& title, const QString& name);
    void set_text(Section& section, const std::string& text);
    void show_difference();

    MutedLabel* m_nothing;
    QWidget* m_body;
    Section m_problem, m_solution, m_difference, m_base, m_tuned;
    MutedLabel* m_doubt;
    FactList* m_scores;
    MutedLabel* m_copied;
    QPushButton* m_playground;
    ComparisonRow m_row;
    TokenTrace m_trace;
};

/// `tuned` as rich text: words that `reference` lacks at their place struck out, the reference's own words set beside them; long stretches
/// that agree are shortened to their ends.
[[nodiscard]] QString difference_html(const std::string& tuned, const std::string& reference, const QColor& wrong, const QColor& right);

/// "At “lamp”: lamp 0.46, vase 0.31, teapot 0.07." for the first word of `text` that `reference` does not have there; empty when
/// there is none or the trace does not reach it.
[[nodiscard]] QString doubt_at_difference(const std::string& text, const std::string& reference, const TokenTrace& trace);

}  // namespace lossmith::ui
