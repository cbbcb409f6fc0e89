// The text as strips: under the base, under the tuned model, and what tuning changed; coloured by what is chosen.
#pragma once

#include "ui/logits/Inspection.h"
#include "ui/logits/Measure.h"
#include "ui/widgets/Card.h"

class QButtonGroup;

namespace lossmith::ui {

class Chip;
class MutedLabel;
class TokenStrip;

class StripsCard : public Card {
    Q_OBJECT

public:
    explicit StripsCard(QWidget* parent = nullptr);

    /// Null: no text.
    void set_inspection(InspectionPointer inspection);
    void set_place(int place);
    void set_ties(ModelSide side, const std::vector<double>& ties);
    [[nodiscard]] Measure measure() const { return m_measure; }
    void set_measure(Measure measure);
    void set_change(Change change);
    void set_values_shown(bool shown);
    [[nodiscard]] TokenStrip* strip(ModelSide side) const { return side == ModelSide::Base ? m_base.strip : m_tuned.strip; }
    [[nodiscard]] TokenStrip* change_strip() const { return m_change_section.strip; }

Q_SIGNALS:
    void place_chosen(int place);
    void place_activated(int place);
    void measure_changed(lossmith::ui::Measure measure);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Section {
        QWidget* box;
        MutedLabel* title;
        MutedLabel* figure;
        TokenStrip* strip;
        QWidget* controls;
    };
    Section add_section(QWidget* parent, const QString& title, const QString& name);
    QWidget* make_chips();
    QWidget* make_change_chips();
    void redraw();
    void draw_side(Section& section, ModelSide side);
    void draw_change();

    InspectionPointer m_inspection;
    Measure m_measure = Measure::Probability;
    Change m_change = Change::Probability;
    bool m_values_shown = false;
    QButtonGroup* m_measures;
    QButtonGroup* m_changes;
    Chip* m_values;
    ScaleLegend* m_legend;
    ScaleLegend* m_change_legend;
    MutedLabel* m_empty;
    Section m_base, m_tuned, m_change_section;
};

}  // namespace lossmith::ui
