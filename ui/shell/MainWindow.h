// The window: a rail of pages, the page, its inspector, and what is open. It knows pages only as Page.
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/Error.h"
#include "ui/shell/PageEntry.h"
#include "ui/shell/RecentProjects.h"
#include "ui/shell/RunningJob.h"

class QAction;
class QSplitter;
class QStackedWidget;

namespace lossmith {
class EngineClient;
}

namespace lossmith::ui {

class CommandPalette;
class ErrorBanner;
class InspectorPanel;
class Page;
class ProjectSession;
class Rail;
class StatusStrip;
class Theme;
class TopBar;

class MainWindow : public QWidget {
    Q_OBJECT

public:
    MainWindow(EngineClient& engine, Theme& theme, RecentProjects& recent, std::vector<PageEntry> pages);
    ~MainWindow() override;

    /// Opens the project; what is wrong is shown in the window, and what was open stays open.
    bool open_project(const QString& path);
    /// Makes an empty project and opens it.
    bool make_project(const QString& path);
    void close_project();
    [[nodiscard]] const EngineClient& engine() const { return m_engine; }
    [[nodiscard]] ProjectSession* project() const { return m_session.get(); }

    void show_page(const QString& name);
    [[nodiscard]] QString current_page_name() const;
    /// Makes the page when it has not been shown yet; null for a name that no entry has.
    [[nodiscard]] Page* page(const QString& name);
    [[nodiscard]] const std::vector<PageEntry>& pages() const { return m_entries; }

    /// Last page and last project; the geometry comes back by itself.
    void restore_last();
    /// A .lossmith opens; data files go to the page that imports them.
    void open_dropped(const QString& path);

Q_SIGNALS:
    void project_changed();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void lay_out();
    void make_actions();
    QAction* add_command(const QString& title, const QKeySequence& shortcut, const QString& icon_name, std::function<void()> run);
    void show_page_at(int index);
    Page* page_at(int index);
    void use_session(std::unique_ptr<ProjectSession> session);
    bool take_project(const QString& path, bool create);
    void show_error(const Error& error);
    void choose_project();
    void choose_new_project();
    void import_file(const QString& path);
    void open_palette();
    void undo(bool again);
    [[nodiscard]] int entry_that_opens(const QString& path) const;
    void save_state() const;

    EngineClient& m_engine;
    Theme& m_theme;
    RecentProjects& m_recent;
    std::vector<PageEntry> m_entries;
    std::vector<Page*> m_pages;  ///< null until first shown
    std::unique_ptr<ProjectSession> m_session;
    RunningJob m_job;
    std::vector<QAction*> m_commands;
    int m_current = -1;

    TopBar* m_top;
    Rail* m_rail;
    ErrorBanner* m_error;
    QStackedWidget* m_stack;
    QSplitter* m_splitter;
    InspectorPanel* m_inspector;
    StatusStrip* m_status;
    CommandPalette* m_palette;
};

}  // namespace lossmith::ui
