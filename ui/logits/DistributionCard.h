// The card of a place's distribution: the most probable tokens, a search through the whole vocabulary, and why logits are negative.
#pragma once

#include "ui/logits/PlaceDistribution.h"
#include "ui/widgets/Card.h"

class QLineEdit;
class QTableView;
class QTimer;

namespace lossmith::ui {

class Chip;
class DistributionModel;
class MutedLabel;

class DistributionCard : public Card {
    Q_OBJECT

public:
    explicit DistributionCard(QWidget* parent = nullptr);

    /// `id_here`: the token that stands at the place; none after the last one.
    void show_place(const QString& heading, const PlaceOfTwo& place, std::optional<std::int64_t> id_here);
    void clear();
    [[nodiscard]] std::string find_text() const;
    [[nodiscard]] DistributionModel* model() const { return m_model; }

Q_SIGNALS:
    void find_changed();
    /// "Put this token here": and go on from it, or keep the rest of the text.
    void force_wanted(qint64 id, const QString& text);
    void change_wanted(qint64 id, const QString& text);
    void current_changed(qint64 id, const QString& text);

private:
    void add_actions();
    void explain(const PlaceOfTwo& place);
    [[nodiscard]] const PlaceRow* current_row() const;

    DistributionModel* m_model;
    QTableView* m_table;
    QLineEdit* m_find;
    QTimer* m_typed;
    Chip* m_why;
    MutedLabel* m_explanation;
    MutedLabel* m_nothing;
};

/// Why a logit's sign says nothing, with the place's own figures.
[[nodiscard]] QString why_negative(const PlaceOfTwo& place);

}  // namespace lossmith::ui
