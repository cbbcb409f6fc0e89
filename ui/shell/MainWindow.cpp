// The window: pages on show, and the project that they see.
#include "ui/shell/MainWindow.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QUndoStack>
#include <QVBoxLayout>

#include "core/protocol/EngineClient.h"
#include "ui/shell/CommandPalette.h"
#include "ui/shell/InspectorPanel.h"
#include "ui/shell/ProjectSession.h"
#include "ui/shell/Rail.h"
#include "ui/shell/StatusStrip.h"
#include "ui/shell/TopBar.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Page.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

MainWindow::MainWindow(EngineClient& engine, Theme& theme, RecentProjects& recent, std::vector<PageEntry> pages)
    : m_engine(engine),
      m_theme(theme),
      m_recent(recent),
      m_entries(std::move(pages)),
      m_pages(m_entries.size(), nullptr),
      m_top(new TopBar),
      m_rail(new Rail),
      m_error(new ErrorBanner),
      m_stack(new QStackedWidget),
      m_splitter(new QSplitter(Qt::Horizontal)),
      m_inspector(new InspectorPanel),
      m_status(new StatusStrip(engine, m_job)),
      m_palette(new CommandPalette(this)) {
    setAcceptDrops(true);
    lay_out();
    make_actions();
    connect(m_rail, &Rail::chosen, this, &MainWindow::show_page_at);
    connect(m_top, &TopBar::search_wanted, this, &MainWindow::open_palette);
    QSettings settings;
    if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray())) resize(1440, 900);
    m_splitter->restoreState(settings.value(QStringLiteral("window/splitter")).toByteArray());
    m_inspector->set_wanted(settings.value(QStringLiteral("window/inspector"), true).toBool());
    use_session(nullptr);
    show_page_at(0);
}

MainWindow::~MainWindow() {
    // Pages may ask the session until they are gone.
    for (Page* page : m_pages) delete page;
}

void MainWindow::lay_out() {
    for (const PageEntry& entry : m_entries) m_rail->add_page(entry.title, entry.icon_name);
    auto* middle = new QWidget;
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* banner_room = new QVBoxLayout;
    banner_room->setContentsMargins(16, 0, 16, 0);
    banner_room->addWidget(m_error);
    column->addLayout(banner_room);
    column->addWidget(m_stack, 1);
    m_splitter->addWidget(middle);
    m_splitter->addWidget(m_inspector);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setSizes({1035, 320});
    m_splitter->setCollapsible(0, false);
    m_splitter->setHandleWidth(3);
    auto* across = new QHBoxLayout;
    across->setSpacing(0);
    across->addWidget(m_rail);
    across->addWidget(m_splitter, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_top);
    layout->addLayout(across, 1);
    layout->addWidget(m_status);
}

// ---- pages

void MainWindow::show_page(const QString& name) {
    for (std::size_t index = 0; index < m_entries.size(); ++index)
        if (m_entries[index].name == name) show_page_at(static_cast<int>(index));
}

void MainWindow::show_page_at(int index) {
    Page* shown = page_at(index);
    if (shown == nullptr) return;
    m_current = index;
    m_stack->setCurrentWidget(shown);
    m_rail->set_current(index);
    m_inspector->show_content(shown->inspector());
    shown->setFocus(Qt::OtherFocusReason);
}

QString MainWindow::current_page_name() const {
    return m_current < 0 ? QString() : m_entries[static_cast<std::size_t>(m_current)].name;
}

Page* MainWindow::page(const QString& name) {
    for (std::size_t index = 0; index < m_entries.size(); ++index)
        if (m_entries[index].name == name) return page_at(static_cast<int>(index));
    return nullptr;
}

Page* MainWindow::page_at(int index) {
    if (index < 0 || index >= static_cast<int>(m_entries.size())) return nullptr;
    Page*& made = m_pages[static_cast<std::size_t>(index)];
    if (made == nullptr) {
        made = m_entries[static_cast<std::size_t>(index)].make(m_stack);
        m_stack->addWidget(made);
        connect(made, &Page::page_wanted, this, &MainWindow::show_page);
        connect(made, &Page::status_message, m_status, &StatusStrip::show_message);
        connect(made, &Page::project_wanted, this, &MainWindow::open_project);
        connect(made, &Page::import_wanted, this, &MainWindow::import_file);
        made->set_project(m_session.get());
    }
    return made;
}

void MainWindow::undo(bool again) {
    if (m_current < 0) return;
    QUndoStack* stack = m_pages[static_cast<std::size_t>(m_current)]->undo_stack();
    if (stack == nullptr) return;
    again ? stack->redo() : stack->undo();
}

// ---- the project

bool MainWindow::open_project(const QString& path) {
    return take_project(path, false);
}
bool MainWindow::make_project(const QString& path) {
    return take_project(path, true);
}

bool MainWindow::take_project(const QString& path, bool create) {
    if (create && !QDir().mkpath(QFileInfo(path).absolutePath())) {
        show_error(Error::io("The folder " + QFileInfo(path).absolutePath().toStdString() + " cannot be made."));
        return false;
    }
    auto session = ProjectSession::open(QFileInfo(path).absoluteFilePath().toStdString(), create);
    if (!session) {
        show_error(session.error());
        return false;
    }
    m_error->clear();
    m_recent.add(path);
    QSettings().setValue(QStringLiteral("window/project"), QFileInfo(path).absoluteFilePath());
    use_session(std::move(*session));
    return true;
}

void MainWindow::close_project() {
    QSettings().remove(QStringLiteral("window/project"));
    use_session(nullptr);
}

void MainWindow::use_session(std::unique_ptr<ProjectSession> session) {
    const auto before = std::exchange(m_session, std::move(session));
    for (Page* page : m_pages)
        if (page != nullptr) page->set_project(m_session.get());
    m_job.set_project(m_session.get());
    if (m_session) connect(m_session.get(), &ProjectSession::failed, m_status, &StatusStrip::show_message);
    const QString path = m_session ? QString::fromStdString(m_session->path().string()) : QString();
    m_top->set_project_name(QFileInfo(path).fileName());
    m_status->set_project_path(path);
    setWindowTitle(m_session ? tr("%1 – Lossmith").arg(QFileInfo(path).completeBaseName()) : tr("Lossmith"));
    Q_EMIT project_changed();
}

void MainWindow::show_error(const Error& error) {
    m_error->show_error(error);
}

void MainWindow::restore_last() {
    const QSettings settings;
    const QString project = settings.value(QStringLiteral("window/project")).toString();
    if (!QFileInfo::exists(project) || !open_project(project)) return;
    const QString page = settings.value(QStringLiteral("window/page")).toString();
    if (!page.isEmpty()) show_page(page);
}

void MainWindow::choose_project() {
    const QString folder = m_session ? QString::fromStdString(m_session->path().parent_path().string()) : default_project_folder();
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Open a project"), folder, tr("Lossmith projects (*.lossmith);;All files (*)"));
    if (!path.isEmpty()) open_project(path);
}

void MainWindow::choose_new_project() {
    const QString path = QFileDialog::getSaveFileName(this, tr("New project"), free_project_path(default_project_folder(), tr("project")),
                                                      tr("Lossmith projects (*.lossmith)"));
    if (path.isEmpty()) return;
    const bool has_suffix = path.endsWith(QLatin1String(".lossmith"));
    if (make_project(has_suffix ? path : path + QStringLiteral(".lossmith"))) show_page(QStringLiteral("data"));
}

int MainWindow::entry_that_opens(const QString& path) const {
    const QString suffix = QFileInfo(path).isDir() ? QString() : QFileInfo(path).suffix().toLower();
    for (std::size_t index = 0; index < m_entries.size(); ++index)
        if (m_entries[index].opens.contains(suffix)) return static_cast<int>(index);
    return -1;
}

void MainWindow::import_file(const QString& path) {
    const int index = entry_that_opens(path);
    if (index < 0) {
        show_error(Error::unsupported("A file of this kind cannot be opened: " + QFileInfo(path).fileName().toStdString() + ".")
                       .with_hint("Drop a .lossmith project, a .csv, .tsv, .jsonl or .txt file, or a folder of .txt files."));
        return;
    }
    if (!m_session && !make_project(free_project_path(default_project_folder(), QFileInfo(path).completeBaseName()))) return;
    show_page_at(index);
    m_pages[static_cast<std::size_t>(index)]->open_file(path);
}

void MainWindow::open_dropped(const QString& path) {
    if (QFileInfo(path).suffix().toLower() == QLatin1String("lossmith")) {
        open_project(path);
        return;
    }
    import_file(path);
}

}  // namespace lossmith::ui

#include "moc_MainWindow.cpp"
