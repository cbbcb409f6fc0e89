// The window's commands: shortcuts, the palette's list, what is dropped on it, and what it remembers.
#include <QAction>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QSettings>
#include <QSplitter>
#include <QToolButton>
#include <QUrl>

#include "ui/shell/CommandPalette.h"
#include "ui/shell/InspectorPanel.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/ProjectSession.h"
#include "ui/shell/TopBar.h"
#include "ui/widgets/Page.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QToolButton* button_for(QAction* action) {
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setIconSize(QSize(18, 18));
    button->setAccessibleName(action->text());
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

}  // namespace

QAction* MainWindow::add_command(const QString& title, const QKeySequence& shortcut, const QString& icon_name, std::function<void()> run) {
    auto* action = new QAction(icon(icon_name), title, this);
    action->setShortcut(shortcut);
    if (!shortcut.isEmpty()) action->setToolTip(tr("%1 (%2)").arg(title, shortcut.toString(QKeySequence::NativeText)));
    connect(action, &QAction::triggered, this, std::move(run));
    addAction(action);
    m_commands.push_back(action);
    return action;
}

void MainWindow::make_actions() {
    for (std::size_t index = 0; index < m_entries.size(); ++index) {
        const QKeySequence shortcut = index < 9 ? QKeySequence(QStringLiteral("Ctrl+%1").arg(index + 1)) : QKeySequence();
        add_command(m_entries[index].title, shortcut, m_entries[index].icon_name, [this, index] { show_page_at(static_cast<int>(index)); });
    }
    auto* new_project =
        add_command(tr("New project…"), QKeySequence::New, QStringLiteral("document-new"), [this] { choose_new_project(); });
    auto* open = add_command(tr("Open a project…"), QKeySequence::Open, QStringLiteral("document-open"), [this] { choose_project(); });
    add_command(tr("Close the project"), QKeySequence(), QStringLiteral("document-close"), [this] { close_project(); });
    add_command(tr("Undo"), QKeySequence::Undo, QStringLiteral("edit-undo"), [this] { undo(false); });
    add_command(tr("Redo"), QKeySequence::Redo, QStringLiteral("edit-redo"), [this] { undo(true); });
    auto* inspector = add_command(tr("Show or hide the inspector"), QKeySequence(Qt::Key_F9), QStringLiteral("sidebar-expand-right"),
                                  [this] { m_inspector->set_wanted(!m_inspector->is_wanted()); });
    add_command(tr("Appearance: light"), QKeySequence(), QStringLiteral("color-management"),
                [this] { m_theme.set_appearance(Appearance::Light); });
    add_command(tr("Appearance: dark"), QKeySequence(), QStringLiteral("color-management"),
                [this] { m_theme.set_appearance(Appearance::Dark); });
    add_command(tr("Appearance: as the system"), QKeySequence(), QStringLiteral("color-management"),
                [this] { m_theme.set_appearance(Appearance::System); });
    add_command(tr("Quit"), QKeySequence::Quit, QStringLiteral("application-exit"), [this] { close(); });
    for (QAction* action : {new_project, open, inspector}) m_top->add_button(button_for(action));

    auto* palette = new QAction(tr("Command palette"), this);
    palette->setShortcut(QKeySequence(QStringLiteral("Ctrl+K")));
    connect(palette, &QAction::triggered, this, &MainWindow::open_palette);
    addAction(palette);
}

void MainWindow::open_palette() {
    std::vector<Command> commands;
    const auto add = [&commands](QAction* action) {
        if (!action->isEnabled() || action->text().isEmpty()) return;
        commands.push_back(
            {action->text(), action->shortcut().toString(QKeySequence::NativeText), action->icon(), [action] { action->trigger(); }});
    };
    if (m_current >= 0)
        for (QAction* action : m_pages[static_cast<std::size_t>(m_current)]->actions()) add(action);
    for (QAction* action : m_commands) add(action);
    for (const QString& path : m_recent.paths())
        commands.push_back({tr("Open %1").arg(QFileInfo(path).completeBaseName()), QFileInfo(path).absolutePath(),
                            icon(QStringLiteral("document-open-recent")), [this, path] { open_project(path); }});
    m_palette->open(std::move(commands));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    for (const QUrl& url : urls) {
        if (!url.isLocalFile()) continue;
        event->acceptProposedAction();
        open_dropped(url.toLocalFile());
        return;  // one file at a time: a second would replace the first
    }
}

void MainWindow::save_state() const {
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("window/inspector"), m_inspector->is_wanted());
    settings.setValue(QStringLiteral("window/page"), current_page_name());
}

void MainWindow::closeEvent(QCloseEvent* event) {
    save_state();
    QWidget::closeEvent(event);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    m_palette->hide();
    QWidget::resizeEvent(event);
}

}  // namespace lossmith::ui
