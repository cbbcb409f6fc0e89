// The panel on the right.
#include "ui/shell/InspectorPanel.h"

#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lossmith::ui {

InspectorPanel::InspectorPanel(QWidget* parent) : QFrame(parent), m_stack(new QStackedWidget) {
    setObjectName(QStringLiteral("inspector_panel"));
    setAccessibleName(tr("Inspector"));
    setMinimumWidth(300);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 10, 8, 10);
    layout->addWidget(m_stack);
    hide();
}

void InspectorPanel::show_content(QWidget* content) {
    m_has_content = content != nullptr;
    if (content != nullptr) {
        QWidget*& scroll = m_scroll_areas[content];
        if (scroll == nullptr) {
            auto* area = new QScrollArea(m_stack);
            area->setWidgetResizable(true);
            area->setFrameShape(QFrame::NoFrame);
            area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
            area->setFocusPolicy(Qt::NoFocus);
            area->setWidget(content);
            content->show();  // its page may have kept it hidden
            m_stack->addWidget(area);
            scroll = area;
        }
        m_stack->setCurrentWidget(scroll);
    }
    setVisible(m_wanted && m_has_content);
}

void InspectorPanel::set_wanted(bool wanted) {
    m_wanted = wanted;
    setVisible(m_wanted && m_has_content);
}

}  // namespace lossmith::ui

#include "moc_InspectorPanel.cpp"
