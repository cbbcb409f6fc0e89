// The card "Attention": the heads of a layer as small pictures, one of them or their mean large, and from the chosen token as ties.
#pragma once

#include "ui/logits/AttentionMap.h"
#include "ui/logits/InspectionCard.h"

class QButtonGroup;
class QGridLayout;
class QSpinBox;
class QToolButton;

namespace lossmith::ui {

class AttentionCard : public InspectionCard {
    Q_OBJECT

public:
    explicit AttentionCard(EngineClient& engine, QWidget* parent = nullptr);

    [[nodiscard]] AttentionMap* map() const { return m_map; }
    /// How much the chosen token looks at each token up to itself; empty where that is not known.
    [[nodiscard]] std::vector<double> ties() const;
    [[nodiscard]] int head() const { return m_head; }  ///< -1: the mean of all
    void choose_head(int head);

Q_SIGNALS:
    void ties_changed();

protected:
    void ask() override;
    void clear_answer() override;
    void place_changed() override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void ask_head(int head);
    bool take(const Json& answer);
    void show_heads();
    void show_chosen();
    [[nodiscard]] AttentionRows chosen_rows() const;

    std::vector<AttentionRows> m_heads;
    int m_head = -1;
    int m_head_count = 0;
    QSpinBox* m_layer;
    QWidget* m_grid_box;
    QGridLayout* m_grid;
    QButtonGroup* m_buttons;
    AttentionMap* m_map;
    MutedLabel* m_about;
};

}  // namespace lossmith::ui
