// The card "Causes": which tokens before it the loss at the chosen token comes from, as a strip in two colours.
#pragma once

#include "ui/logits/InspectionCard.h"

class QTimer;

namespace lossmith::ui {

class ScaleLegend;
class TokenStrip;

class AttributionCard : public InspectionCard {
    Q_OBJECT

public:
    explicit AttributionCard(EngineClient& engine, QWidget* parent = nullptr);

    [[nodiscard]] TokenStrip* strip() const { return m_strip; }

protected:
    void ask() override;
    void clear_answer() override;
    void place_changed() override;

private:
    void take(const Json& answer);
    void choose_method(bool integrated);

    bool m_integrated = false;
    Chip* m_gradient_chip;
    Chip* m_integrated_chip;
    QTimer* m_settle;
    TokenStrip* m_strip;
    ScaleLegend* m_legend;
    MutedLabel* m_about;
};

}  // namespace lossmith::ui
