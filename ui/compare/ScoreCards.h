// The summary of a comparison as a row of cards: each score's mean before and after, with its interval and p-value.
#pragma once

#include <QHash>
#include <QWidget>
#include <map>
#include <string>

#include "core/comparison/Comparison.h"

class QHBoxLayout;

namespace lossmith::ui {

class StatCard;

class ScoreCards : public QWidget {
    Q_OBJECT

public:
    explicit ScoreCards(QWidget* parent = nullptr);

    /// Cards for the scores that the summary has; none: hidden.
    void set_summary(const std::map<std::string, ScoreSummary>& summary);
    [[nodiscard]] StatCard* card(const QString& score) const { return m_cards.value(score); }

private:
    QHBoxLayout* m_layout;
    QHash<QString, StatCard*> m_cards;
};

}  // namespace lossmith::ui
