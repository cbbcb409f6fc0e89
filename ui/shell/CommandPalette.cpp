// The list of commands that match what is typed.
#include "ui/shell/CommandPalette.h"

#include <QGraphicsDropShadowEffect>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/shell/FuzzyMatch.h"

namespace lossmith::ui {

namespace {
constexpr int palette_width = 560;
constexpr int palette_height = 380;
}  // namespace

CommandPalette::CommandPalette(QWidget* parent) : QFrame(parent), m_typed(new QLineEdit), m_list(new QListWidget) {
    setObjectName(QStringLiteral("command_palette"));
    setAccessibleName(tr("Command palette"));
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(36);
    shadow->setOffset(0, 8);
    shadow->setColor(QColor(0, 0, 0, 90));
    setGraphicsEffect(shadow);
    m_typed->setPlaceholderText(tr("Type a page, a command or a project"));
    m_typed->setAccessibleName(tr("Command"));
    m_typed->setClearButtonEnabled(true);
    m_typed->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setIconSize(QSize(18, 18));
    m_list->setAccessibleName(tr("Matching commands"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 10, 10, 10);
    layout->addWidget(m_typed);
    layout->addWidget(m_list, 1);
    hide();
    connect(m_typed, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::run_current);
}

void CommandPalette::open(std::vector<Command> commands) {
    m_commands = std::move(commands);
    const int width = std::min(palette_width, parentWidget()->width() - 40);
    setGeometry((parentWidget()->width() - width) / 2, 60, width, std::min(palette_height, parentWidget()->height() - 120));
    m_typed->clear();
    filter();
    show();
    raise();
    m_typed->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::filter() {
    std::vector<std::pair<int, std::size_t>> matches;
    for (std::size_t index = 0; index < m_commands.size(); ++index)
        if (const auto score = fuzzy_score(m_typed->text(), m_commands[index].title)) matches.emplace_back(-*score, index);
    std::stable_sort(matches.begin(), matches.end(), [](const auto& left, const auto& right) { return left.first < right.first; });
    m_list->clear();
    for (const auto& match : matches) {
        const Command& command = m_commands[match.second];
        const QString text = command.hint.isEmpty() ? command.title : command.title + QStringLiteral("   ·   ") + command.hint;
        auto* item = new QListWidgetItem(command.icon, text, m_list);
        item->setData(Qt::UserRole, static_cast<int>(match.second));
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::run_current() {
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr) return;
    const auto run = m_commands[static_cast<std::size_t>(item->data(Qt::UserRole).toInt())].run;
    hide();
    run();
}

void CommandPalette::move_by(int rows) {
    if (m_list->count() == 0) return;
    m_list->setCurrentRow(std::clamp(m_list->currentRow() + rows, 0, m_list->count() - 1));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut) hide();
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down: move_by(1); return true;
        case Qt::Key_Up: move_by(-1); return true;
        case Qt::Key_PageDown: move_by(8); return true;
        case Qt::Key_PageUp: move_by(-8); return true;
        case Qt::Key_Escape: hide(); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: run_current(); return true;
        default: return QFrame::eventFilter(watched, event);
    }
}

}  // namespace lossmith::ui

#include "moc_CommandPalette.cpp"
