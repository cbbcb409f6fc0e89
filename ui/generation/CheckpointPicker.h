// Chooses one of the project's models; violet for the base, teal for the tuned one.
#pragma once

#include <vector>

#include "ui/generation/ModelChoice.h"
#include "ui/widgets/ElidedComboBox.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

class CheckpointPicker : public ElidedComboBox {
    Q_OBJECT

public:
    /// `side`: Base or Tuned.
    explicit CheckpointPicker(Role side, QWidget* parent = nullptr);

    /// Keeps what was chosen when it is still there; otherwise Tuned takes the first checkpoint of a run, and Base what `base_of`
    /// started from, else the first model that is no checkpoint.
    void set_choices(const std::vector<ModelChoice>& choices, const std::optional<ModelChoice>& base_of = {});
    [[nodiscard]] std::optional<ModelChoice> choice() const;
    void choose(const std::string& model);

protected:
    void changeEvent(QEvent* event) override;

private:
    void draw_marks();
    [[nodiscard]] int usual_index(const std::optional<ModelChoice>& base_of) const;

    Role m_side;
    std::vector<ModelChoice> m_choices;
};

}  // namespace lossmith::ui
