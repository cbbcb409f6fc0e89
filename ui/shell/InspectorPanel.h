// The panel on the right: shows the current page's inspector, or is not there.
#pragma once

#include <QFrame>
#include <QHash>

class QStackedWidget;

namespace lossmith::ui {

class InspectorPanel : public QFrame {
    Q_OBJECT

public:
    explicit InspectorPanel(QWidget* parent = nullptr);

    /// Shows `content` with a scroll bar of its own; null hides the panel.
    void show_content(QWidget* content);
    void set_wanted(bool wanted);
    [[nodiscard]] bool is_wanted() const { return m_wanted; }

private:
    QStackedWidget* m_stack;
    QHash<QWidget*, QWidget*> m_scroll_areas;
    bool m_has_content = false;
    bool m_wanted = true;
};

}  // namespace lossmith::ui
