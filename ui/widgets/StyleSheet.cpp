// What Fusion draws differently here: rounded fields and buttons, quiet tables, thin scroll bars, a visible ring around what has the focus.
#include "ui/widgets/StyleSheet.h"

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

/// `@panel` and the like stand for the palette's colours.
constexpr auto rules = R"(
QToolTip { background: @panel; color: @text; border: 1px solid @border; padding: 4px 6px; }
lossmith--ui--Card, QFrame[card="true"] { background: @panel; border: 1px solid @border; border-radius: 8px; }
lossmith--ui--Card[selected="true"] { border-color: @accent; }
QFrame[card="true"][verdict="bad"] { border-color: @bad; }
QFrame[card="true"][verdict="warn"] { border-color: @warn; }
QLabel[thin_line="true"] { background: @border; }
lossmith--ui--ErrorBanner { background: @bad_soft; border: 1px solid @bad; border-radius: 8px; }
lossmith--ui--ErrorBanner QLabel#message { color: @bad; font-weight: 600; }
lossmith--ui--SectionLabel { color: @muted; font-size: 11px; font-weight: 600; }
QLabel#card_heading { color: @muted; font-size: 12px; font-weight: 600; }

QPushButton { background: @panel; color: @text; border: 1px solid @border; border-radius: 6px; padding: 4px 12px; min-height: 18px; }
QPushButton:hover { border-color: @muted; }
QPushButton:pressed, QPushButton:checked { background: @accent_soft; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:disabled { color: @faint; background: @window; }
QPushButton[primary="true"] { background: @accent; border-color: @accent; color: @on_accent; }
QPushButton[primary="true"]:hover { background: @accent_hover; }
QPushButton[primary="true"]:focus { border: 1px solid @text; }
QPushButton[primary="true"]:disabled { background: @border; border-color: @border; color: @muted; }
QPushButton::menu-indicator { subcontrol-position: right center; right: 6px; }

lossmith--ui--Chip { min-height: 0; padding: 0; }

QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 3px; background: transparent; }
QToolButton:hover { background: @accent_soft; }
QToolButton:focus { border-color: @accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
  background: @panel; color: @text; border: 1px solid @border; border-radius: 6px; padding: 3px 7px; min-height: 18px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border-color: @accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: @faint; background: @window; }
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QSpinBox[wrong="true"], QDoubleSpinBox[wrong="true"] { border-color: @bad; }
QPlainTextEdit[code="true"], QTextEdit[code="true"] { background: @code; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("@arrow_down"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @border; padding: 2px; selection-background-color: @accent_soft; selection-color: @text; outline: 0; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { border: none; width: 16px; background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("@arrow_up"); width: 9px; height: 9px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url("@arrow_down"); width: 9px; height: 9px; }

QTableView, QTreeView, QListView { background: @panel; color: @text; border: none; outline: 0;
  selection-background-color: @accent_soft; selection-color: @text; alternate-background-color: @code; }
QTableView::item { padding: 3px 5px; border: none; border-bottom: 1px solid @border; }
QTableView::item:selected, QListView::item:selected, QTreeView::item:selected { background: @accent_soft; color: @text; }
QTableView::item:focus { border: 1px solid @accent; }
QTreeView::item { padding: 4px 5px; border: none; }
QListView::item { padding: 5px 8px; border-radius: 6px; }
QListView::item:hover { background: @code; }
QListView::item:focus { border: 1px solid @accent; }
QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @border; padding: 4px 0px 4px 8px; font-size: 12px; }
QHeaderView::section:vertical { padding: 0px 8px; border-bottom: none; }
QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-position: left center; left: -1px; width: 8px; height: 8px; }
QHeaderView::up-arrow { image: url("@arrow_up"); }
QHeaderView::down-arrow { image: url("@arrow_down"); }
QTableCornerButton::section { background: @panel; border: none; }

QProgressBar { background: @border; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget#scroll_body { background: transparent; }

QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @muted; border: none; border-bottom: 2px solid transparent; padding: 6px 12px; margin-right: 4px; }
QTabBar::tab:selected { color: @accent; border-bottom-color: @accent; font-weight: 600; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:focus { color: @accent; border-bottom-color: @text; }

QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @accent_soft; }
QMenu { background: @panel; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @accent_soft; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QCheckBox, QRadioButton { spacing: 6px; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator { width: 14px; height: 14px; background: @panel; border: 1px solid @muted; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked, QAbstractItemView::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { image: url("@tick"); }
QRadioButton::indicator:checked { image: url("@dot"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: @window; border-color: @faint; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled { background: @muted; border-color: @muted; }
QCheckBox:focus, QRadioButton:focus { color: @accent; }
QSlider:horizontal { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; background: @border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { background: @panel; border: 2px solid @accent; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px; }
QSlider::handle:horizontal:focus { background: @accent_soft; }

#top_bar { background: @panel; border-bottom: 1px solid @border; }
#status_strip { background: @panel; border-top: 1px solid @border; }
#status_strip QLabel { font-size: 12px; color: @muted; }
#rail { background: @rail; border-right: 1px solid @border; }
#inspector_panel { background: @panel; border-left: 1px solid @border; }
#inspector_panel QScrollArea, #inspector_panel QScrollArea > QWidget > QWidget { background: @panel; }
QPushButton#search_box { color: @muted; text-align: left; padding: 4px 10px; }
#command_palette { background: @panel; border: 1px solid @border; border-radius: 8px; }
)";

QString art(const char* name, bool dark) {
    return QStringLiteral(":/lossmith/") + QString::fromLatin1(name) + (dark ? QStringLiteral("-dark.svg") : QStringLiteral("-light.svg"));
}

}  // namespace

QString style_sheet(bool dark) {
    const auto name = [dark](Role role) { return Theme::colour(role, dark).name(); };
    QColor faint = Theme::colour(Role::Muted, dark);
    faint.setAlpha(150);
    // Longer names first, so that @accent does not eat the head of @accent_soft.
    const std::pair<QString, QString> colours[] = {
        {QStringLiteral("@accent_hover"), Theme::colour(Role::Accent, dark).lighter(dark ? 108 : 112).name()},
        {QStringLiteral("@accent_soft"), name(Role::AccentSoft)},
        {QStringLiteral("@on_accent"), name(Role::OnAccent)},
        {QStringLiteral("@arrow_down"), art("arrow-down", dark)},
        {QStringLiteral("@arrow_up"), art("arrow-up", dark)},
        {QStringLiteral("@tick"), art("tick", dark)},
        {QStringLiteral("@dot"), art("dot", dark)},
        {QStringLiteral("@bad_soft"), name(Role::BadSoft)},
        {QStringLiteral("@accent"), name(Role::Accent)},
        {QStringLiteral("@border"), name(Role::Border)},
        {QStringLiteral("@window"), name(Role::Window)},
        {QStringLiteral("@panel"), name(Role::Panel)},
        {QStringLiteral("@muted"), name(Role::Muted)},
        {QStringLiteral("@faint"),
         QStringLiteral("rgba(%1,%2,%3,%4)").arg(faint.red()).arg(faint.green()).arg(faint.blue()).arg(faint.alpha())},
        {QStringLiteral("@rail"), name(Role::Rail)},
        {QStringLiteral("@text"), name(Role::Text)},
        {QStringLiteral("@code"), name(Role::Code)},
        {QStringLiteral("@bad"), name(Role::Bad)},
        {QStringLiteral("@warn"), name(Role::Warn)},
    };
    QString sheet = QString::fromLatin1(rules);
    for (const auto& [placeholder, colour] : colours) sheet.replace(placeholder, colour);
    return sheet;
}

}  // namespace lossmith::ui
