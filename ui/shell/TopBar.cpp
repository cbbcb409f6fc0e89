// The top line.
#include "ui/shell/TopBar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

TopBar::TopBar(QWidget* parent) : QFrame(parent), m_project(new ElidedLabel), m_buttons(new QHBoxLayout) {
    setObjectName(QStringLiteral("top_bar"));
    setFixedHeight(46);
    auto* product = new QLabel(QStringLiteral("Lossmith"));
    QFont bold = product->font();
    bold.setPixelSize(14);
    bold.setBold(true);
    product->setFont(bold);
    m_project->setObjectName(QStringLiteral("project_name"));
    auto* search = new QPushButton(tr("Search pages, commands, projects…   Ctrl+K"));
    search->setObjectName(QStringLiteral("search_box"));
    search->setAccessibleName(tr("Open the command palette"));
    search->setFixedWidth(320);
    m_buttons->setSpacing(4);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 0, 16, 0);
    layout->setSpacing(14);
    layout->addWidget(product);
    layout->addWidget(m_project, 1);
    layout->addLayout(m_buttons);
    layout->addWidget(search);
    connect(search, &QPushButton::clicked, this, &TopBar::search_wanted);
    set_project_name({});
}

void TopBar::set_project_name(const QString& name) {
    m_project->set_text(name.isEmpty() ? tr("no project open") : name);
}

void TopBar::add_button(QWidget* button) {
    m_buttons->addWidget(button);
}

}  // namespace lossmith::ui

#include "moc_TopBar.cpp"
