// The look of the program: a light and a dark palette that follow the system, one style sheet, icons in the palette's colours.
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPalette>
#include <QString>

class QApplication;
class QPushButton;

namespace lossmith::ui {

/// What a colour is for. Base (violet) is the model before, Tuned (teal) the model after: in text, bars and curves alike.
enum class Role {
    Window,
    Panel,
    Rail,
    Border,
    Text,
    Muted,
    Accent,
    AccentSoft,
    OnAccent,
    Base,
    Tuned,
    Bad,
    BadSoft,
    Warn,
    Ok,
    Code,
    Highlight
};

enum class Appearance { System, Light, Dark };
[[nodiscard]] const char* name_of(Appearance appearance);  ///< "system", "light", "dark"

/// Dresses the application. A widget that paints with colour() repaints on QEvent::PaletteChange (changeEvent), nothing else is needed.
class Theme : public QObject {
    Q_OBJECT

public:
    /// Applies the saved setting "appearance" (system when there is none).
    explicit Theme(QApplication& application);

    [[nodiscard]] Appearance appearance() const { return m_appearance; }
    void set_appearance(Appearance appearance);      ///< applies it and saves it
    void preview_appearance(Appearance appearance);  ///< applies it for this session only

    [[nodiscard]] static bool is_dark();            ///< of the application's palette as it is now
    [[nodiscard]] static QColor colour(Role role);  ///< in the palette as it is now
    [[nodiscard]] static QColor colour(Role role, bool dark);
    [[nodiscard]] static QFont token_font();    ///< monospace, for tokens, code and raw lines
    [[nodiscard]] static QFont heading_font();  ///< of a page's title

Q_SIGNALS:
    void changed();

private:
    void apply();
    [[nodiscard]] bool wants_dark() const;

    QApplication& m_application;
    Appearance m_appearance = Appearance::System;
    bool m_system_palette_is_dark = false;
};

/// A Breeze icon by its freedesktop name ("document-open"), drawn in `role`'s colour of the palette at the time of painting:
/// the accent when it is checked, faint when disabled. An unknown name gives a null icon.
[[nodiscard]] QIcon icon(const QString& name, Role role = Role::Text);

/// The one button of a page that does its main thing: filled with the accent.
void make_primary(QPushButton* button);

}  // namespace lossmith::ui
