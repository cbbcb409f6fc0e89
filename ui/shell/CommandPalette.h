// Ctrl+K: type a few letters of a page, a command or a recent project, press Enter.
#pragma once

#include <QFrame>
#include <QIcon>
#include <QString>
#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace lossmith::ui {

struct Command {
    QString title;
    QString hint;  ///< its shortcut, or where it leads
    QIcon icon;
    std::function<void()> run;
};

/// Lies over its parent; hidden until open().
class CommandPalette : public QFrame {
    Q_OBJECT

public:
    explicit CommandPalette(QWidget* parent);

    void open(std::vector<Command> commands);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter();
    void run_current();
    void move_by(int rows);

    QLineEdit* m_typed;
    QListWidget* m_list;
    std::vector<Command> m_commands;
};

}  // namespace lossmith::ui
