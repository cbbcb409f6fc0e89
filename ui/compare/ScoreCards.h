// The summary of a comparison: of one tuned model a row of cards, each a score's mean before and after with its interval and p-value; of
// several a grid, a line a model.
#pragma once

#include <QHash>
#include <QWidget>
#include <string>
#include <vector>

#include "core/comparison/Comparison.h"

class QGridLayout;
class QHBoxLayout;

namespace lossmith::ui {

class Card;
class StatCard;

class ScoreCards : public QWidget {
    Q_OBJECT

public:
    explicit ScoreCards(QWidget* parent = nullptr);

    /// The scores that the summaries have, one summary a tuned model, in the order of `models` after the base; none: hidden.
    void set_summaries(const std::vector<ScoreSummaries>& summaries, const std::vector<std::string>& models);
    [[nodiscard]] StatCard* card(const QString& score) const { return m_cards.value(score); }

private:
    void show_cards(const ScoreSummaries& summary);
    void show_grid(const std::vector<ScoreSummaries>& summaries, const std::vector<std::string>& models);

    QHBoxLayout* m_layout;
    QHash<QString, StatCard*> m_cards;
    Card* m_board;  ///< of several models
    QGridLayout* m_grid;
};

}  // namespace lossmith::ui
