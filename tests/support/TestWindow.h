// What window tests share: settings of their own, warnings that fail them, windows on show, real clicks.
#pragma once

#include <QApplication>
#include <QColor>
#include <QTemporaryDir>
#include <QWidget>
#include <QtTest>
#include <memory>

#include "tests/support/EventLoopWatch.h"

namespace lossmith::test {

/// Call in init(): from then on any Qt warning fails the test function, but for what the offscreen platform says of itself.
void fail_on_qt_warnings();

/// QSettings in a folder that goes with it, and nothing of the user's.
class OwnSettings {
public:
    OwnSettings();
    void forget() const;  ///< as on a first start

private:
    QTemporaryDir m_folder;
};

/// Shows a window at this size and waits until it is on the screen.
[[nodiscard]] bool show_window(QWidget& window, QSize size = {1440, 900});

/// The child of this type and object name; the test fails where it is missing.
template <typename Widget>
[[nodiscard]] Widget* child(const QWidget& parent, const char* name) {
    Widget* found = parent.findChild<Widget*>(QString::fromLatin1(name));
    if (found == nullptr)
        QTest::qFail(qPrintable(QStringLiteral("There is no %1 in the window.").arg(QString::fromLatin1(name))), __FILE__, __LINE__);
    return found;
}

/// As WCAG counts it: 1 for equal colours, 21 for black on white.
[[nodiscard]] double contrast(const QColor& one, const QColor& other);

/// A real click in the middle of a widget.
void click(QWidget* widget);

/// Runs the test classes one after the other in one application that is watched for blocking, with settings of its own;
/// what a test program's main returns.
template <typename... Tests>
int run_window_tests(int count, char** values) {
    WatchedApplication application(count, values);
    const OwnSettings settings;
    int failures = 0;
    const auto run = [&](auto test) {
        settings.forget();
        failures += QTest::qExec(test.get(), count, values);
    };
    (run(std::make_unique<Tests>()), ...);
    return failures;
}

}  // namespace lossmith::test
