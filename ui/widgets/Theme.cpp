// Palettes of the light and the dark look, and what the application is dressed in.
#include "ui/widgets/Theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPushButton>
#include <QSettings>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleHints>
#include <array>

#include "ui/widgets/StyleSheet.h"

namespace lossmith::ui {

namespace {

struct Shades {
    QRgb light;
    QRgb dark;
};

/// In the order of Role.
constexpr std::array<Shades, 17> palette_table{{
    {0xFFF4F5F7, 0xFF14171C},  // Window
    {0xFFFFFFFF, 0xFF1B1F26},  // Panel
    {0xFFECEEF2, 0xFF181B21},  // Rail
    {0xFFDDE1E7, 0xFF2D333D},  // Border
    {0xFF1B2330, 0xFFE4E8EE},  // Text
    {0xFF667085, 0xFF95A0B2},  // Muted
    {0xFF2F6FED, 0xFF79A7FF},  // Accent
    {0xFFE8F0FE, 0xFF22304A},  // AccentSoft
    {0xFFFFFFFF, 0xFF0B1220},  // OnAccent
    {0xFF7467D6, 0xFFA79BFF},  // Base
    {0xFF0C8F7F, 0xFF3FD0B8},  // Tuned
    {0xFFC93A52, 0xFFFF7D92},  // Bad
    {0xFFFDECEF, 0xFF3A2029},  // BadSoft
    {0xFFA86A12, 0xFFE8B45A},  // Warn
    {0xFF23874A, 0xFF5CCF88},  // Ok
    {0xFFFAFBFC, 0xFF171B21},  // Code
    {0xFFFFF6D6, 0xFF3A331A},  // Highlight
}};

QPalette make_palette(bool dark) {
    const auto shade = [dark](Role role) { return Theme::colour(role, dark); };
    QPalette palette;
    palette.setColor(QPalette::Button, shade(Role::Panel));
    palette.setColor(QPalette::Light, shade(Role::Panel));
    palette.setColor(QPalette::Midlight, shade(Role::Rail));
    palette.setColor(QPalette::Mid, shade(Role::Border));
    palette.setColor(QPalette::Dark, shade(Role::Border).darker(130));
    palette.setColor(QPalette::Shadow, shade(Role::Border).darker(160));
    palette.setColor(QPalette::BrightText, shade(Role::Bad));
    palette.setColor(QPalette::Window, shade(Role::Window));
    palette.setColor(QPalette::Base, shade(Role::Panel));
    palette.setColor(QPalette::AlternateBase, shade(Role::Code));
    palette.setColor(QPalette::Text, shade(Role::Text));
    palette.setColor(QPalette::WindowText, shade(Role::Text));
    palette.setColor(QPalette::ButtonText, shade(Role::Text));
    palette.setColor(QPalette::PlaceholderText, shade(Role::Muted));
    palette.setColor(QPalette::Highlight, shade(Role::Accent));
    palette.setColor(QPalette::HighlightedText, shade(Role::OnAccent));
    palette.setColor(QPalette::Link, shade(Role::Accent));
    palette.setColor(QPalette::ToolTipBase, shade(Role::Panel));
    palette.setColor(QPalette::ToolTipText, shade(Role::Text));
    QColor faint = shade(Role::Muted);
    faint.setAlpha(140);
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText}) palette.setColor(QPalette::Disabled, role, faint);
    return palette;
}

Appearance appearance_from(const QString& name) {
    for (const auto appearance : {Appearance::Light, Appearance::Dark})
        if (name == QLatin1String(name_of(appearance))) return appearance;
    return Appearance::System;
}

}  // namespace

const char* name_of(Appearance appearance) {
    switch (appearance) {
        case Appearance::Light: return "light";
        case Appearance::Dark: return "dark";
        case Appearance::System: break;
    }
    return "system";
}

Theme::Theme(QApplication& application) : m_application(application) {
    m_system_palette_is_dark = is_dark();
    m_appearance = appearance_from(QSettings().value(QStringLiteral("appearance")).toString());
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QFont font = QApplication::font();
    font.setPixelSize(13);
    QApplication::setFont(font);
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, [this] { apply(); });
#endif
    apply();
}

void Theme::set_appearance(Appearance appearance) {
    QSettings().setValue(QStringLiteral("appearance"), QLatin1String(name_of(appearance)));
    preview_appearance(appearance);
}

void Theme::preview_appearance(Appearance appearance) {
    m_appearance = appearance;
    apply();
}

bool Theme::wants_dark() const {
    if (m_appearance != Appearance::System) return m_appearance == Appearance::Dark;
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const Qt::ColorScheme scheme = QGuiApplication::styleHints()->colorScheme();
    if (scheme != Qt::ColorScheme::Unknown) return scheme == Qt::ColorScheme::Dark;
#endif
    return m_system_palette_is_dark;
}

void Theme::apply() {
    const bool dark = wants_dark();
    QApplication::setPalette(make_palette(dark));
    m_application.setStyleSheet(style_sheet(dark));
    Q_EMIT changed();
}

bool Theme::is_dark() {
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
}

QColor Theme::colour(Role role) {
    return colour(role, is_dark());
}

QColor Theme::colour(Role role, bool dark) {
    const Shades& shades = palette_table.at(static_cast<std::size_t>(role));
    return QColor::fromRgb(dark ? shades.dark : shades.light);
}

QFont Theme::token_font() {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setFamilies({QStringLiteral("JetBrains Mono"), font.family(), QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
    font.setStyleHint(QFont::Monospace);
    font.setPixelSize(12);
    return font;
}

QFont Theme::heading_font() {
    QFont font = QApplication::font();
    font.setPixelSize(16);
    font.setBold(true);
    return font;
}

void make_primary(QPushButton* button) {
    button->setProperty("primary", true);
}

}  // namespace lossmith::ui

#include "moc_Theme.cpp"
