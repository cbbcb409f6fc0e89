// A small rounded label ("running", "run 7"), or a toggle of the same shape.
#pragma once

#include <QPushButton>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

/// A label until it is made checkable (setCheckable(true)) or clickable (set_clickable()); only then it takes focus and clicks.
class Chip : public QPushButton {
    Q_OBJECT

public:
    explicit Chip(const QString& text = {}, QWidget* parent = nullptr);

    /// The text's colour; Accent also fills it softly.
    void set_role(Role role);
    void set_clickable(bool clickable);
    void setCheckable(bool checkable);  ///< hides QAbstractButton's so that a toggle is clickable too

protected:
    void paintEvent(QPaintEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

private:
    Role m_role = Role::Muted;
};

}  // namespace lossmith::ui
