// Windows in tests.
#include "tests/support/TestWindow.h"

#include <QRegularExpression>
#include <QSettings>

namespace lossmith::test {

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
