// Several processes and threads on one project, and processes killed in the middle of a write.
#include <thread>

#include "tests/unit/project/Support.h"
#include "tests/unit/project/Tests.h"

using namespace lossmith;
using namespace lossmith::test;
namespace fs = std::filesystem;

class TwoProcessTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void two_processes_and_a_thread_write_at_once_and_nothing_is_lost();
    void a_process_killed_in_a_large_transaction_leaves_the_file_whole();
    void a_process_killed_in_an_import_leaves_nothing_of_it();
    void a_project_can_be_opened_while_another_process_imports();
    void a_process_that_ends_leaves_the_log_that_is_in_use_here();
};

void TwoProcessTest::two_processes_and_a_thread_write_at_once_and_nothing_is_lost() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t run = project->runs().create({})->id;
    std::vector<std::unique_ptr<QProcess>> helpers;
    for (const QString& name : {QStringLiteral("a"), QStringLiteral("b")}) {
        helpers.push_back(std::make_unique<QProcess>());
        start_helper(*helpers.back(),
                     {QStringLiteral("write-metrics"), text_of(project->path()), QString::number(run), name, QStringLiteral("1000")});
    }
    std::string problem;
    std::thread thread([&] {
        const auto own = Project::open(project->path());
        if (!own) {
            problem = describe(own.error());
            return;
        }
        for (std::int64_t step = 1; step <= 1000; ++step) {
            const Metric metric{step, "c", 1.0};
            if (const auto written = (*own)->metrics().write(run, {&metric, 1}); !written) problem = describe(written.error());
        }
    });
    thread.join();
    QCOMPARE(problem, std::string());
    for (const auto& helper : helpers) {
        QVERIFY(helper->waitForFinished(60000));
        QCOMPARE(helper->exitCode(), 0);
    }
    for (const char* name : {"a", "b", "c"}) QCOMPARE(project->metrics().read(run, name)->size(), std::size_t{1000});
}

/// A project opened twice in one process, as the window does, must not lose SQLite's locks: a process that then ends would delete the
/// write-ahead log, and what is written here after that would be seen by nobody.
void TwoProcessTest::a_process_that_ends_leaves_the_log_that_is_in_use_here() {
    const Folder folder;
    const auto project = folder.project();
    const auto second = Project::open(project->path());
    VERIFY_OK(second);
    const std::int64_t run = project->runs().create({})->id;
    for (const QString& name : {QStringLiteral("a"), QStringLiteral("b")}) {
        QProcess helper;
        start_helper(helper, {QStringLiteral("write-metrics"), text_of(project->path()), QString::number(run), name, QStringLiteral("3")});
        QVERIFY(helper.waitForFinished());
        QCOMPARE(helper.exitCode(), 0);
        QVERIFY(fs::exists(project->path().string() + "-wal"));
        QCOMPARE(project->metrics().read(run, name.toStdString())->size(), std::size_t{3});
        VERIFY_OK(Project::open(project->path()));
    }
    const std::int64_t other = project->runs().create({})->id;
    QProcess helper;
    start_helper(helper, {QStringLiteral("write-metrics"), text_of(project->path()), QString::number(other), QStringLiteral("c"),
                          QStringLiteral("3")});
    QVERIFY(helper.waitForFinished());
    QCOMPARE(helper.exitCode(), 0);
    QCOMPARE((*second)->metrics().read(other, "c")->size(), std::size_t{3});
}

void TwoProcessTest::a_process_killed_in_a_large_transaction_leaves_the_file_whole() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t run = project->runs().create({})->id;
    const Metric before{1, "train/loss", 1.0};
    VERIFY_OK(project->metrics().write(run, {&before, 1}));
    for (int round = 0; round < 3; ++round) {
        QProcess helper;
        start_helper(helper, {QStringLiteral("half-write"), text_of(project->path()), QString::number(run)});
        QVERIFY(says(helper, "written"));
        helper.kill();
        QVERIFY(helper.waitForFinished());
        const auto opened = Project::open(project->path());
        VERIFY_OK(opened);
        QCOMPARE((*opened)->metrics().read(run, "half")->size(), std::size_t{0});
        QCOMPARE((*opened)->metrics().read(run, "train/loss")->size(), std::size_t{1});
        const Metric after{2 + round, "validation/loss", 1.0};
        VERIFY_OK((*opened)->metrics().write(run, {&after, 1}));
    }
    QCOMPARE(project->metrics().read(run, "validation/loss")->size(), std::size_t{3});
}

void TwoProcessTest::a_process_killed_in_an_import_leaves_nothing_of_it() {
    const Folder folder;
    const auto project = folder.project();
    std::string text = "problem,solution\n";
    for (int i = 0; i < 100000; ++i) text += "It is broken " + std::to_string(i) + ",Mend it\n";
    const fs::path csv = folder.write("a.csv", text);
    QProcess helper;
    start_helper(helper, {QStringLiteral("import"), text_of(project->path()), text_of(csv), QString::number(text.size() / 2)});
    QVERIFY(says(helper, "reading"));
    QCOMPARE(*project->data().count(), std::int64_t{0});
    helper.kill();
    QVERIFY(helper.waitForFinished());
    QCOMPARE(*project->data().count(), std::int64_t{0});
    QVERIFY(project->data().sources()->empty());
    const auto guess = guess_import(csv);
    VERIFY_OK(guess);
    const auto imported = project->data().import_file(csv, *guess);
    VERIFY_OK(imported);
    QCOMPARE(imported->rows, std::int64_t{100000});
}

void TwoProcessTest::a_project_can_be_opened_while_another_process_imports() {
    const Folder folder;
    folder.project().reset();
    std::string text = "problem,solution\n";
    for (int i = 0; i < 100000; ++i) text += "It is broken " + std::to_string(i) + ",Mend it\n";
    const fs::path csv = folder.write("a.csv", text);
    QProcess helper;
    start_helper(helper, {QStringLiteral("import"), text_of(folder / "p.lossmith"), text_of(csv), QString::number(text.size() / 2)});
    QVERIFY(says(helper, "reading"));
    const auto opened = Project::open(folder / "p.lossmith");
    VERIFY_OK(opened);
    QCOMPARE(*(*opened)->data().count(), std::int64_t{0});
    helper.closeWriteChannel();
    QVERIFY(says(helper, "done"));
    QVERIFY(helper.waitForFinished());
    QCOMPARE(*(*opened)->data().count(), std::int64_t{100000});
}

int lossmith::test::run_two_process_tests(int argc, char** argv) {
    TwoProcessTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "TwoProcessTest.moc"
