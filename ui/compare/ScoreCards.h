// The summary of a comparison as a row of cards: each score's mean of the base and of each tuned model, with interval and p-value.
#pragma once

#include <QHash>
#include <QWidget>
#include <string>
#include <vector>

#include "core/comparison/Comparison.h"

class QHBoxLayout;

namespace lossmith::ui {

class StatCard;

class ScoreCards : public QWidget {
    Q_OBJECT

public:
    explicit ScoreCards(QWidget* parent = nullptr);

    /// Cards for the scores that the summaries have, one summary a tuned model; none: hidden.
    void set_summaries(const std::vector<ScoreSummaries>& summaries, const std::vector<std::string>& models = {});
    [[nodiscard]] StatCard* card(const QString& score) const { return m_cards.value(score); }

private:
    QHBoxLayout* m_layout;
    QHash<QString, StatCard*> m_cards;
};

}  // namespace lossmith::ui
