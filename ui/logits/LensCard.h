// The card "Layer by layer": what each layer would have said next, read through the model's own head (logit lens, nostalgebraist 2020).
#pragma once

#include "ui/logits/InspectionCard.h"

class QTableView;

namespace lossmith::ui {

class LensModel;

class LensCard : public InspectionCard {
    Q_OBJECT

public:
    explicit LensCard(EngineClient& engine, QWidget* parent = nullptr);

    [[nodiscard]] LensModel* model() const { return m_model; }

protected:
    void ask() override;
    void clear_answer() override;
    void place_changed() override;

private:
    LensModel* m_model;
    QTableView* m_table;
};

}  // namespace lossmith::ui
