// Windows in tests.
#include "tests/support/TestWindow.h"

#include <QColor>
#include <QRegularExpression>
#include <QSettings>
#include <algorithm>
#include <cmath>

namespace lossmith::test {

namespace {

double luminance(const QColor& colour) {
    const auto linear = [](double share) { return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

}  // namespace

double contrast(const QColor& one, const QColor& other) {
    const auto [darker, lighter] = std::minmax({luminance(one), luminance(other)});
    return (lighter + 0.05) / (darker + 0.05);
}

void fail_on_qt_warnings() {
    QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support ).*")));
}

OwnSettings::OwnSettings() {
    QApplication::setOrganizationName(QStringLiteral("Lossmith-test"));
    QApplication::setApplicationName(QStringLiteral("Lossmith-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path());
}

void OwnSettings::forget() const {
    QSettings().clear();
}

bool show_window(QWidget& window, QSize size) {
    window.resize(size);
    window.show();
    return QTest::qWaitForWindowExposed(&window);
}

void click(QWidget* widget) {
    QTest::mouseClick(widget, Qt::LeftButton);
}

}  // namespace lossmith::test
