// One row of a comparison in full: problem, true solution, both texts, where they differ, how sure the model was there, all scores.
#pragma once

#include <QWidget>

#include "core/comparison/Comparison.h"
#include "ui/generation/TokenTrace.h"

class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace lossmith::ui {

class FactList;
class MutedLabel;
class SectionLabel;

class ComparisonInspector : public QWidget {
    Q_OBJECT

public:
    explicit ComparisonInspector(QWidget* parent = nullptr);

    /// `number` counts from one. `models` and `traces` in the order of the row's texts, the base first. Differences are shown of the model
    /// that was chosen among the tuned ones.
    void show_row(int number, const ComparisonRow& row, const std::vector<std::string>& models, std::vector<TokenTrace> traces);
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
    Section add_section(QVBoxLayout& layout, const QString& title, const QString& name);
    void set_text(Section& section, const std::string& text);
    void show_texts();
    void show_chosen();
    void show_difference();
    [[nodiscard]] std::size_t chosen() const;

    MutedLabel* m_nothing;
    QWidget* m_body;
    Section m_problem, m_solution, m_difference;
    QComboBox* m_model;  ///< which of the tuned models; on show where there are several
    QVBoxLayout* m_texts;
    std::vector<Section> m_sections;  ///< one a model
    MutedLabel* m_doubt;
    FactList* m_scores;
    MutedLabel* m_copied;
    QPushButton* m_playground;
    ComparisonRow m_row;
    std::vector<std::string> m_models;
    std::vector<TokenTrace> m_traces;
};

/// `tuned` as rich text: words that `reference` lacks at their place struck out, the reference's own words set beside them; long stretches
/// that agree are shortened to their ends.
[[nodiscard]] QString difference_html(const std::string& tuned, const std::string& reference, const QColor& wrong, const QColor& right);

/// A generated text as rich text in which each token is a link by its place, so that the pointer finds it; unsure ones on a ground.
[[nodiscard]] QString linked_tokens(const TokenTrace& trace, const QColor& ink, const QColor& unsure_ground);

/// "lamp 0.046", then the alternatives, a line each: what is told under the pointer.
[[nodiscard]] QString token_probabilities(const TracedToken& token);

/// "At “lamp”: lamp 0.46, vase 0.31, teapot 0.07." for the first word of `text` that `reference` does not have there; empty when
/// there is none or the trace does not reach it.
[[nodiscard]] QString doubt_at_difference(const std::string& text, const std::string& reference, const TokenTrace& trace);

}  // namespace lossmith::ui
