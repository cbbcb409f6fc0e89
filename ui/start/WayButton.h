// A wide button with an icon, what it does, and a line about it.
#pragma once

#include <QPushButton>

namespace lossmith::ui {

class WayButton : public QPushButton {
    Q_OBJECT

public:
    WayButton(const QString& icon_name, const QString& title, const QString& line, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override { return {320, 62}; }

private:
    QString m_line;
};

}  // namespace lossmith::ui
