// The line at the top: product, project, and the box that opens the command palette.
#pragma once

#include <QFrame>

class QHBoxLayout;

namespace lossmith::ui {

class ElidedLabel;

class TopBar : public QFrame {
    Q_OBJECT

public:
    explicit TopBar(QWidget* parent = nullptr);

    void set_project_name(const QString& name);
    void add_button(QWidget* button);  ///< left of the search box

Q_SIGNALS:
    void search_wanted();

private:
    ElidedLabel* m_project;
    QHBoxLayout* m_buttons;
};

}  // namespace lossmith::ui
