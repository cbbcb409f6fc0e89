// The window: pages, shortcuts, palette, dropped files, the running job, and what it remembers.
#include "tests/ui/shell/test_main_window.h"

#include <QCheckBox>
#include <QDir>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <cmath>

#include "core/project/RunStore.h"
#include "core/protocol/EngineClient.h"
#include "tests/support/TestProject.h"
#include "tests/support/TestWindow.h"
#include "tests/ui/shell/FakePage.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/ProjectSession.h"
#include "ui/shell/Screenshots.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/ProgressStrip.h"
#include "ui/widgets/Theme.h"

namespace lossmith::test {

namespace {

/// A window with three pages that count how many of them were made.
struct Fixture {
    EngineClient engine{QStringLiteral("/nonexistent/lossmith-cli")};
    ui::Theme theme{*qApp};
    ui::RecentProjects recent;
    int made = 0;
    ui::MainWindow window{engine, theme, recent, entries()};

    std::vector<ui::PageEntry> entries() {
        std::vector<ui::PageEntry> pages;
        for (const char* name : {"first", "second", "third"}) {
            const QString text = QString::fromLatin1(name);
            pages.push_back({text,
                             text,
                             QStringLiteral("table"),
                             [this, text](QWidget* parent) {
                                 ++made;
                                 return new FakePage(text, parent);
                             },
                             {}});
        }
        pages[1].opens = {QStringLiteral("csv")};
        return pages;
    }
    FakePage* page(const char* name) { return static_cast<FakePage*>(window.page(QString::fromLatin1(name))); }
};

QString text_of(const std::filesystem::path& path) {
    return QString::fromStdString(path.string());
}

void drop(QWidget& window, const std::filesystem::path& file) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(text_of(file))});
    // Qt gives the drop to whoever took the entering drag.
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &event);
}

}  // namespace

void TestMainWindow::init() {
    fail_on_qt_warnings();
}
void TestMainWindow::cleanup() {
    QSettings().clear();
}

void TestMainWindow::a_page_is_made_when_it_is_first_shown() {
    Fixture fixture;
    QVERIFY(show_window(fixture.window));
    QCOMPARE(fixture.made, 1);
    QTest::keyClick(&fixture.window, Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(fixture.window.current_page_name(), QStringLiteral("second"));
    QCOMPARE(fixture.made, 2);
    QTest::keyClick(&fixture.window, Qt::Key_1, Qt::ControlModifier);
    QTest::keyClick(&fixture.window, Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(fixture.made, 2);
}

void TestMainWindow::the_rail_shows_the_page_that_is_clicked() {
    Fixture fixture;
    QVERIFY(show_window(fixture.window));
    click(child<QWidget>(fixture.window, "rail_2"));
    QCOMPARE(fixture.window.current_page_name(), QStringLiteral("third"));
}

void TestMainWindow::the_inspector_is_there_only_for_pages_that_have_one() {
    Fixture fixture;
    QVERIFY(show_window(fixture.window));
    auto* panel = child<QWidget>(fixture.window, "inspector_panel");
    QVERIFY(!panel->isVisible());
    fixture.window.show_page(QStringLiteral("second"));
    QVERIFY(panel->isVisible());
    QTest::keyClick(&fixture.window, Qt::Key_F9);
    QVERIFY(!panel->isVisible());
}

void TestMainWindow::the_palette_runs_what_a_few_letters_find() {
    Fixture fixture;
    QVERIFY(show_window(fixture.window));
    QTest::keyClick(&fixture.window, Qt::Key_K, Qt::ControlModifier);
    auto* palette = child<QWidget>(fixture.window, "command_palette");
    QVERIFY(palette->isVisible());
    auto* typed = palette->findChild<QLineEdit*>();
    QVERIFY(typed != nullptr);
    QTest::keyClicks(typed, QStringLiteral("thi"));
    QTest::keyClick(typed, Qt::Key_Return);
    QVERIFY(!palette->isVisible());
    QCOMPARE(fixture.window.current_page_name(), QStringLiteral("third"));
}

void TestMainWindow::the_palette_closes_with_escape_and_does_nothing() {
    Fixture fixture;
    QVERIFY(show_window(fixture.window));
    QTest::keyClick(&fixture.window, Qt::Key_K, Qt::ControlModifier);
    auto* palette = child<QWidget>(fixture.window, "command_palette");
    QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Escape);
    QVERIFY(!palette->isVisible());
    QCOMPARE(fixture.window.current_page_name(), QStringLiteral("first"));
}

void TestMainWindow::a_dropped_project_is_opened_and_remembered() {
    Fixture fixture;
    TestProject file;
    QVERIFY(show_window(fixture.window));
    drop(fixture.window, file.path());
    QVERIFY(fixture.window.project() != nullptr);
    QCOMPARE(fixture.page("first")->session, fixture.window.project());
    QCOMPARE(child<QLabel>(fixture.window, "project_name")->text(), QStringLiteral("test.lossmith"));
    QCOMPARE(fixture.recent.paths(), QStringList{text_of(file.path())});
}

void TestMainWindow::a_page_made_later_is_given_the_open_project() {
    Fixture fixture;
    TestProject file;
    QVERIFY(fixture.window.open_project(text_of(file.path())));
    QCOMPARE(fixture.page("third")->session, fixture.window.project());
    fixture.window.close_project();
    QVERIFY(fixture.page("third")->session == nullptr);
}

void TestMainWindow::a_dropped_csv_goes_to_the_page_that_opens_it() {
    Fixture fixture;
    TestProject file;
    const auto csv = file.write("mine.csv", numbered_csv(2));
    QVERIFY(show_window(fixture.window));
    QVERIFY(fixture.window.open_project(text_of(file.path())));
    drop(fixture.window, csv);
    QCOMPARE(fixture.window.current_page_name(), QStringLiteral("second"));
    QCOMPARE(fixture.page("second")->opened, text_of(csv));
}

void TestMainWindow::what_cannot_be_opened_is_said_in_the_window_and_changes_nothing() {
    Fixture fixture;
    TestProject file;
    QVERIFY(show_window(fixture.window));
    QVERIFY(fixture.window.open_project(text_of(file.path())));
    auto* banner = fixture.window.findChild<ui::ErrorBanner*>();
    drop(fixture.window, file.write("broken.lossmith", "this is no database"));
    QVERIFY(banner->isVisible());
    QVERIFY2(banner->text().contains(QStringLiteral("broken.lossmith")), qPrintable(banner->text()));
    QCOMPARE(fixture.window.project()->path(), file.path());
    drop(fixture.window, file.write("picture.bmp", "BM"));
    QVERIFY2(banner->text().contains(QStringLiteral("picture.bmp")), qPrintable(banner->text()));
}

void TestMainWindow::undo_and_redo_go_to_the_page_on_show() {
    class Step : public QUndoCommand {};
    Fixture fixture;
    QVERIFY(show_window(fixture.window));
    FakePage* page = fixture.page("first");
    page->undo.push(new Step);
    QCOMPARE(page->undo.index(), 1);
    QTest::keyClick(&fixture.window, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(page->undo.index(), 0);
    QTest::keySequence(&fixture.window, QKeySequence::Redo);
    QCOMPARE(page->undo.index(), 1);
}

void TestMainWindow::the_next_start_has_the_last_project_and_page() {
    TestProject file;
    {
        Fixture fixture;
        // within the offscreen screen, to which Qt 6.8 cuts a restored window
        QVERIFY(show_window(fixture.window, {760, 700}));
        QVERIFY(fixture.window.open_project(text_of(file.path())));
        fixture.window.show_page(QStringLiteral("third"));
        QVERIFY(fixture.window.close());
    }
    Fixture again;
    again.window.restore_last();
    QVERIFY(again.window.project() != nullptr);
    QCOMPARE(again.window.project()->path(), file.path());
    QCOMPARE(again.window.current_page_name(), QStringLiteral("third"));
    QCOMPARE(again.window.size(), QSize(760, 700));
}

void TestMainWindow::the_running_job_is_read_from_the_project_and_can_be_stopped() {
    Fixture fixture;
    TestProject file;
    RunConfig config;
    config.name = "my run";
    const auto run = file.project().runs().create(config);
    QVERIFY(run.has_value());
    QVERIFY(file.project().runs().claim(run->id).has_value());
    QVERIFY(file.project().runs().set_total_steps(run->id, 100).has_value());
    QVERIFY(show_window(fixture.window));
    QVERIFY(fixture.window.open_project(text_of(file.path())));
    auto* strip = child<QWidget>(fixture.window, "status_strip")->findChild<ui::ProgressStrip*>();
    QTRY_VERIFY(strip->isVisible());
    QVERIFY(file.project().runs().set_step(run->id, 42).has_value());
    const auto says = [strip](const QString& words) {
        const auto labels = strip->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text().contains(words); });
    };
    QTRY_VERIFY(says(QStringLiteral("step 42 of 100")));
    QVERIFY(says(QStringLiteral("my run")));
    click(strip->findChild<QPushButton*>());
    std::vector<RunCommand> commands;
    const auto sent = [&] {
        commands = file.project().runs().take_commands(run->id).value_or(std::vector<RunCommand>{});
        return !commands.empty();
    };
    QVERIFY(QTest::qWaitFor(sent));  // each is given once, so QTRY_VERIFY, which asks again, would find none
    QCOMPARE(commands.front(), RunCommand::Stop);
    QVERIFY(file.project().runs().set_status(run->id, RunStatus::Stopped).has_value());
    QTRY_VERIFY(!strip->isVisible());
}

void TestMainWindow::the_look_changes_at_once_and_is_kept() {
    Fixture fixture;
    fixture.theme.set_appearance(ui::Appearance::Dark);
    QVERIFY(ui::Theme::is_dark());
    QCOMPARE(ui::Theme::colour(ui::Role::Base), QColor(0xa7, 0x9b, 0xff));
    fixture.theme.set_appearance(ui::Appearance::Light);
    QVERIFY(!ui::Theme::is_dark());
    fixture.theme.set_appearance(ui::Appearance::Dark);
    ui::Theme next(*qApp);
    QCOMPARE(next.appearance(), ui::Appearance::Dark);
}

void TestMainWindow::a_tick_box_is_seen_in_both_looks() {
    ui::Theme theme(*qApp);
    for (const auto look : {ui::Appearance::Light, ui::Appearance::Dark}) {
        theme.preview_appearance(look);
        for (const bool radio : {false, true}) {
            const std::unique_ptr<QAbstractButton> box(radio ? static_cast<QAbstractButton*>(new QRadioButton) : new QCheckBox);
            box->resize(40, 24);
            const QImage picture = box->grab().toImage();
            const QColor paper = picture.pixelColor(39, 12);
            double most = 1.0;
            for (int y = 0; y < picture.height(); ++y)
                for (int x = 0; x < 20; ++x) most = std::max(most, contrast(picture.pixelColor(x, y), paper));
            // What WCAG asks of the outline of a control.
            QVERIFY2(most >= 3.0, qPrintable(QStringLiteral("%1 %2: %3").arg(QLatin1String(name_of(look))).arg(radio).arg(most)));
        }
    }
}

void TestMainWindow::a_line_without_room_is_elided_and_its_tool_tip_has_the_rest() {
    const QString text = QStringLiteral("starter · 3 epochs · batch 8 · rate 5e-4 · seed 42 · and more than there is room for");
    ui::ElidedLabel label(text);
    QVERIFY(show_window(label, {120, 30}));
    QVERIFY(label.is_elided());
    QCOMPARE(label.toolTip(), text);
    QCOMPARE(label.text(), text);
    const QImage cut = label.grab().toImage();
    label.resize(1200, 30);
    QVERIFY(!label.is_elided());
    QVERIFY(label.toolTip().isEmpty());
    QVERIFY(cut != label.grab(QRect(0, 0, 120, 30)).toImage());
    label.resize(120, 30);
    label.set_text(QStringLiteral("short"));
    QVERIFY(label.toolTip().isEmpty());
}

void TestMainWindow::a_page_is_pictured_when_it_is_ready() {
    Fixture fixture;
    const QTemporaryDir folder;
    QVERIFY(show_window(fixture.window));
    fixture.page("second")->is_read = false;
    ui::Screenshots screenshots(fixture.window, fixture.theme, folder.path());
    QSignalSpy finished(&screenshots, &ui::Screenshots::finished);
    screenshots.start();
    QTRY_VERIFY(QFile::exists(folder.filePath(QStringLiteral("first-light.png"))));
    QTRY_COMPARE(fixture.window.current_page_name(), QStringLiteral("second"));
    // Said to be ready and then not: what it heard made it read again.
    Q_EMIT fixture.page("second")->ready();
    QTest::qWait(400);
    QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("second-light.png"))));
    fixture.page("second")->is_read = true;
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 20'000);
    QCOMPARE(finished.first().first().toString(), QString());
    QCOMPARE(QDir(folder.path()).entryList({QStringLiteral("*.png")}).size(), 6);
}

}  // namespace lossmith::test

#include "moc_FakePage.cpp"
#include "moc_test_main_window.cpp"
