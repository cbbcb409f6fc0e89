// What the main window knows of a page: its name, its icon, its panel on the right, and that it can be given a project.
#pragma once

#include <QIcon>
#include <QString>
#include <QWidget>

namespace lossmith {
class EngineClient;
}

class QUndoStack;

namespace lossmith::ui {

class ProjectSession;

class Page : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    [[nodiscard]] virtual QString name() const = 0;       ///< stable, lower case: "train"; also the settings key
    [[nodiscard]] virtual QString title() const = 0;      ///< shown on the rail
    [[nodiscard]] virtual QString icon_name() const = 0;  ///< a Breeze icon
    /// What the inspector shows while this page is up; owned by the page, may be null.
    [[nodiscard]] virtual QWidget* inspector() { return nullptr; }
    /// Null: no project is open. Called before the page is shown and whenever the project changes.
    virtual void set_project(ProjectSession* session) = 0;
    /// What Ctrl+Z undoes on this page; may be null.
    [[nodiscard]] virtual QUndoStack* undo_stack() { return nullptr; }
    /// A data file was dropped or chosen for this page. The page's QActions (addAction) are offered by the command palette.
    virtual void open_file(const QString& path) { Q_UNUSED(path) }
    /// Whether everything that set_project() led to has been read and drawn.
    [[nodiscard]] virtual bool is_ready() const { return true; }

Q_SIGNALS:
    /// Asks the window to show another page, e.g. after an import "train".
    void page_wanted(const QString& name);
    /// One line for the status bar.
    void status_message(const QString& line);
    /// is_ready() became true: for pictures of the page and for tests.
    void ready();
    /// Asks the window to open a project file that exists.
    void project_wanted(const QString& path);
    /// Asks the window to show a data file on the page that imports, making a project first when none is open.
    void import_wanted(const QString& path);

protected:
    /// To be called after each thing that is_ready() waits for.
    void tell_if_ready();
};

}  // namespace lossmith::ui
