// The pages' names and icons down the left edge.
#pragma once

#include <QFrame>

class QButtonGroup;
class QVBoxLayout;

namespace lossmith::ui {

class Rail : public QFrame {
    Q_OBJECT

public:
    explicit Rail(QWidget* parent = nullptr);

    void add_page(const QString& title, const QString& icon_name);
    void set_current(int page);

Q_SIGNALS:
    void chosen(int page);

private:
    QButtonGroup* m_buttons;
    QVBoxLayout* m_layout;
};

}  // namespace lossmith::ui
