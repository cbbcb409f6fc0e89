// lossmith: the window. Wiring only.
#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QTimer>
#include <cstdio>
#include <utility>

#include "app/lossmith/Pages.h"
#include "core/base/Memory.h"
#include "core/protocol/EngineClient.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/RecentProjects.h"
#include "ui/shell/Screenshots.h"
#include "ui/widgets/Theme.h"

namespace {

using namespace lossmith;

constexpr int exit_done = 0;
constexpr int exit_failed = 1;
constexpr int exit_wrong_call = 2;

void complain(const QString& sentence) {
    std::fprintf(stderr, "lossmith: error: %s\n", qUtf8Printable(sentence));
}

/// Says when the window has been painted for the first time, and the memory the process then holds; then quits.
class FirstPaint final : public QObject {
public:
    using QObject::QObject;

    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Paint && !std::exchange(m_seen, true)) QTimer::singleShot(0, this, &FirstPaint::tell);
        return QObject::eventFilter(watched, event);
    }

private:
    static void tell() {
        std::printf("painted, %.1f MB\n", static_cast<double>(resident_bytes()) / 1e6);
        std::fflush(stdout);
        QCoreApplication::quit();
    }

    bool m_seen = false;
};

struct Arguments {
    QString project;
    QString page;
    QString appearance;
    QString screenshots;
    bool measure_start;
};

Arguments parse(const QApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::translate("main", "A workbench that fine-tunes GPT-2 with a loss of your own"));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("PROJECT"),
                                 QApplication::translate("main", "a .lossmith file, or a CSV to begin a project from"),
                                 QStringLiteral("[PROJECT]"));
    const QCommandLineOption page(QStringLiteral("page"), QApplication::translate("main", "show this page: start, data, train, …"),
                                  QStringLiteral("NAME"));
    const QCommandLineOption appearance(QStringLiteral("appearance"), QApplication::translate("main", "light or dark, for this session"),
                                        QStringLiteral("NAME"));
    const QCommandLineOption screenshots(QStringLiteral("screenshots"),
                                         QApplication::translate("main", "save a picture of every page here and quit"),
                                         QStringLiteral("FOLDER"));
    const QCommandLineOption measure_start(
        QStringLiteral("measure-start"),
        QApplication::translate("main", "say when the window has been painted and the memory it holds, and quit"));
    parser.addOptions({page, appearance, screenshots, measure_start});
    parser.process(application);
    return {parser.positionalArguments().value(0), parser.value(page), parser.value(appearance), parser.value(screenshots),
            parser.isSet(measure_start)};
}

}  // namespace

int main(int count, char** values) {
    QApplication application(count, values);
    QApplication::setOrganizationName(QStringLiteral("Lossmith"));
    QApplication::setApplicationName(QStringLiteral("Lossmith"));
    QApplication::setApplicationVersion(QStringLiteral(LOSSMITH_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("lossmith"));
    const Arguments arguments = parse(application);

    ui::Theme theme(application);
    if (arguments.appearance == QLatin1String("light")) theme.preview_appearance(ui::Appearance::Light);
    if (arguments.appearance == QLatin1String("dark")) theme.preview_appearance(ui::Appearance::Dark);

    EngineClient engine(QApplication::applicationDirPath() + QStringLiteral("/lossmith-cli"));
    ui::RecentProjects recent;
    ui::MainWindow window(engine, theme, recent, app::page_entries(engine, recent));
    FirstPaint first_paint;
    if (arguments.measure_start) window.installEventFilter(&first_paint);
    window.show();

    if (!arguments.project.isEmpty()) {
        window.open_dropped(QFileInfo(arguments.project).absoluteFilePath());
        if (!arguments.screenshots.isEmpty() && window.project() == nullptr) {
            complain(QApplication::translate("main", "%1 cannot be opened.").arg(arguments.project));
            return exit_wrong_call;
        }
    } else if (arguments.screenshots.isEmpty()) {
        window.restore_last();
    }
    if (!arguments.page.isEmpty()) {
        if (window.page(arguments.page) == nullptr) {
            complain(QApplication::translate("main", "There is no page \"%1\".").arg(arguments.page));
            return exit_wrong_call;
        }
        window.show_page(arguments.page);
    }
    // The window is painted first; the engine loads LibTorch in its own process meanwhile.
    QTimer::singleShot(0, &engine, &EngineClient::start);

    if (arguments.screenshots.isEmpty()) return QApplication::exec();
    ui::Screenshots screenshots(window, theme, arguments.screenshots);
    QObject::connect(&screenshots, &ui::Screenshots::finished, &application, [](const QString& error) {
        if (!error.isEmpty()) complain(error);
        QApplication::exit(error.isEmpty() ? exit_done : exit_failed);
    });
    screenshots.start();
    return QApplication::exec();
}
