// Making, opening, upgrading and refusing project files.
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <random>
#include <thread>

#include "core/project/Migrations.h"
#include "tests/unit/project/Support.h"
#include "tests/unit/project/Tests.h"

using namespace lossmith;
using namespace lossmith::test;
namespace fs = std::filesystem;

namespace {

/// Statements run by a plain SQLite connection, as another program would.
void run_sql(const fs::path& path, const QStringList& statements) {
    const QString name = QStringLiteral("raw");
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(text_of(path));
        QVERIFY(database.open());
        for (const QString& statement : statements) {
            QSqlQuery query(database);
            QVERIFY2(query.exec(statement), qPrintable(query.lastError().text()));
        }
    }
    QSqlDatabase::removeDatabase(name);
}

std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A file of schema 1 with a run and a metric in it, written without this program's migrations.
void write_schema_1(const fs::path& path) {
    const std::string text = bytes_of(fs::path(LOSSMITH_TEST_DATA) / "project" / "schema-1.sql");
    QVERIFY(!text.empty());
    QStringList statements;
    for (const QString& statement : QString::fromStdString(text).split(QStringLiteral(";\n")))
        if (!statement.trimmed().isEmpty()) statements << statement;
    run_sql(path, statements);
}

}  // namespace

class ProjectFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_new_project_can_be_opened_again_and_has_a_folder_for_weights();
    void a_new_project_leaves_no_other_file_beside_it();
    void creating_over_a_file_is_refused_and_leaves_it_alone();
    void a_missing_folder_is_said_so();
    void opening_what_is_not_there_is_not_found();
    void a_file_that_is_no_project_is_refused_and_left_as_it_was_data();
    void a_file_that_is_no_project_is_refused_and_left_as_it_was();
    void random_bytes_after_a_valid_header_are_refused();
    void a_project_cut_anywhere_is_refused_or_read_but_never_crashes();
    void a_project_of_a_newer_version_is_refused_with_what_to_do();
    void an_older_project_is_upgraded_after_a_copy();
    void the_copy_of_an_earlier_upgrade_is_kept();
    void a_project_whose_tables_are_gone_is_damaged();
    void two_threads_that_make_the_same_project_both_have_it();
    void a_path_with_spaces_umlauts_and_percent_signs_is_a_path();
    void data_version_changes_when_another_connection_writes();
};

void ProjectFileTest::a_new_project_can_be_opened_again_and_has_a_folder_for_weights() {
    const Folder folder;
    {
        const auto made = Project::create(folder / "a.lossmith");
        VERIFY_OK(made);
        QCOMPARE((*made)->files_folder(), folder / "a.files");
        QCOMPARE((*made)->run_folder(7), folder / "a.files" / "run-7");
    }
    QVERIFY(fs::is_directory(folder / "a.files"));
    const auto opened = Project::open(folder / "a.lossmith");
    VERIFY_OK(opened);
    QCOMPARE((*opened)->path(), folder / "a.lossmith");
    const auto models = (*opened)->models().models();
    VERIFY_OK(models);
    QCOMPARE(models->size(), std::size_t{1});
    QCOMPARE(models->front().name, std::string("starter"));
}

void ProjectFileTest::a_new_project_leaves_no_other_file_beside_it() {
    const Folder folder;
    VERIFY_OK(Project::create(folder / "a.lossmith"));
    int entries = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder / "")) ++entries;
    QCOMPARE(entries, 2);
}

void ProjectFileTest::creating_over_a_file_is_refused_and_leaves_it_alone() {
    const Folder folder;
    const fs::path path = folder.write("letter.txt", "Dear all");
    VERIFY_ERROR(Project::create(path), ErrorKind::BadInput);
    QCOMPARE(bytes_of(path), std::string("Dear all"));
}

void ProjectFileTest::a_missing_folder_is_said_so() {
    const Folder folder;
    VERIFY_ERROR(Project::create(folder / "nowhere/a.lossmith"), ErrorKind::NotFound);
    VERIFY_ERROR(Project::open_or_create(""), ErrorKind::BadInput);
}

void ProjectFileTest::opening_what_is_not_there_is_not_found() {
    const Folder folder;
    VERIFY_ERROR(Project::open(folder / "a.lossmith"), ErrorKind::NotFound);
    QVERIFY(!fs::exists(folder / "a.lossmith"));
}

void ProjectFileTest::a_file_that_is_no_project_is_refused_and_left_as_it_was_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("text") << QByteArray("problem,solution\nIt is broken,Mend it\n");
    QTest::newRow("only the magic") << QByteArray("SQLite format 3\0", 16);
    QTest::newRow("half a header") << QByteArray("SQLite format 3\0", 16) + QByteArray(50, '\x01');
    QByteArray random(5000, '\0');
    std::mt19937 engine(1);
    for (char& byte : random) byte = static_cast<char>(engine());
    QTest::newRow("random bytes") << random;
    const Folder folder;
    run_sql(folder / "other.db", {QStringLiteral("CREATE TABLE contacts (name TEXT)")});
    QTest::newRow("another program's database") << QByteArray::fromStdString(bytes_of(folder / "other.db"));
    run_sql(folder / "named.db", {QStringLiteral("PRAGMA application_id = 252006674"), QStringLiteral("CREATE TABLE runs (name TEXT)")});
    QTest::newRow("another program's database with an application id") << QByteArray::fromStdString(bytes_of(folder / "named.db"));
}

void ProjectFileTest::a_file_that_is_no_project_is_refused_and_left_as_it_was() {
    QFETCH(QByteArray, bytes);
    const Folder folder;
    const fs::path path = folder.write("a.lossmith", bytes.toStdString());
    const auto opened = Project::open_or_create(path);
    VERIFY_ERROR(opened, ErrorKind::BadInput);
    QVERIFY(!opened.error().hint.empty());
    QCOMPARE(opened.error().where.file, path.string());
    QCOMPARE(bytes_of(path), bytes.toStdString());
    QVERIFY(!fs::exists(folder / "a.files"));
}

void ProjectFileTest::random_bytes_after_a_valid_header_are_refused() {
    const Folder folder;
    folder.project().reset();
    std::string bytes = bytes_of(folder / "p.lossmith");
    std::mt19937 engine(2);
    for (std::size_t i = 100; i < bytes.size(); ++i) bytes[i] = static_cast<char>(engine());
    VERIFY_ERROR(Project::open(folder.write("b.lossmith", bytes)), ErrorKind::BadInput);
}

void ProjectFileTest::a_project_cut_anywhere_is_refused_or_read_but_never_crashes() {
    const Folder folder;
    folder.project().reset();
    const std::string bytes = bytes_of(folder / "p.lossmith");
    for (std::size_t size = 0; size < bytes.size(); size += 1000) {
        const fs::path path = folder.write("cut.lossmith", bytes.substr(0, size));
        VERIFY_ERROR(Project::open(path), ErrorKind::BadInput);
    }
}

void ProjectFileTest::a_project_of_a_newer_version_is_refused_with_what_to_do() {
    const Folder folder;
    folder.project().reset();
    run_sql(folder / "p.lossmith", {QStringLiteral("PRAGMA user_version = 1000")});
    const std::string before = bytes_of(folder / "p.lossmith");
    const auto opened = Project::open(folder / "p.lossmith");
    VERIFY_ERROR(opened, ErrorKind::Unsupported);
    QVERIFY(opened.error().message.find("newer Lossmith") != std::string::npos);
    QVERIFY(!opened.error().hint.empty());
    QCOMPARE(bytes_of(folder / "p.lossmith"), before);
}

void ProjectFileTest::an_older_project_is_upgraded_after_a_copy() {
    const Folder folder;
    const fs::path path = folder / "old.lossmith";
    write_schema_1(path);
    {
        const auto opened = Project::open(path);
        VERIFY_OK(opened);
        const auto metrics = (*opened)->metrics().read(1);
        VERIFY_OK(metrics);
        QCOMPARE(metrics->size(), std::size_t{1});
        QCOMPARE(metrics->front().value, 0.5);
        VERIFY_OK((*opened)->prompts().add_prompt("It is broken", "Mend it"));
    }
    const fs::path copy = folder / ("old.lossmith.before-v" + std::to_string(newest_schema()));
    QVERIFY(fs::exists(copy));
    run_sql(copy, {QStringLiteral("SELECT value FROM metrics")});
    const std::string header = bytes_of(copy).substr(60, 4);
    QCOMPARE(header, std::string("\0\0\0\1", 4));
    // Once only.
    VERIFY_OK(Project::open(path));
    QVERIFY(!fs::exists(folder / ("old.lossmith.before-v" + std::to_string(newest_schema()) + ".2")));
}

void ProjectFileTest::the_copy_of_an_earlier_upgrade_is_kept() {
    const Folder folder;
    const std::string kept = "old.lossmith.before-v" + std::to_string(newest_schema());
    folder.write(kept, "an earlier copy");
    write_schema_1(folder / "old.lossmith");
    VERIFY_OK(Project::open(folder / "old.lossmith"));
    QCOMPARE(bytes_of(folder / kept), std::string("an earlier copy"));
    QVERIFY(fs::exists(folder / (kept + ".2")));
}

void ProjectFileTest::a_project_whose_tables_are_gone_is_damaged() {
    const Folder folder;
    folder.project().reset();
    run_sql(folder / "p.lossmith", {QStringLiteral("DROP TABLE metrics")});
    const auto opened = Project::open(folder / "p.lossmith");
    VERIFY_ERROR(opened, ErrorKind::BadInput);
    QVERIFY(opened.error().message.find("metrics") != std::string::npos);
}

void ProjectFileTest::two_threads_that_make_the_same_project_both_have_it() {
    const Folder folder;
    const fs::path path = folder / "both.lossmith";
    std::vector<std::string> problems(4);
    std::vector<std::thread> threads;
    for (std::string& problem : problems) {
        threads.emplace_back([&path, &problem] {
            const auto opened = Project::open_or_create(path);
            if (!opened) problem = describe(opened.error());
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& problem : problems) QCOMPARE(problem, std::string());
}

void ProjectFileTest::a_path_with_spaces_umlauts_and_percent_signs_is_a_path() {
    const Folder folder;
    const fs::path path = folder / "file:Größe 100%?mode=memory 日本.lossmith";
    VERIFY_OK(Project::create(path));
    QVERIFY(fs::file_size(path) > 0);
    VERIFY_OK(Project::open(path));
    VERIFY_ERROR(Project::create(folder / "broken-\xff.lossmith"), ErrorKind::BadInput);
}

void ProjectFileTest::data_version_changes_when_another_connection_writes() {
    const Folder folder;
    const auto reader = folder.project();
    const auto writer = Project::open(folder / "p.lossmith");
    VERIFY_OK(writer);
    const auto before = reader->data_version();
    VERIFY_OK(before);
    QCOMPARE(*reader->data_version(), *before);
    VERIFY_OK((*writer)->models().add("mine", "/models/mine"));
    QVERIFY(*reader->data_version() > *before);
}

int lossmith::test::run_project_file_tests(int argc, char** argv) {
    ProjectFileTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "ProjectFileTest.moc"
