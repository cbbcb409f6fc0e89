// Importing, counting, splitting, mending and removing rows.
#include <QCryptographicHash>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <algorithm>

#include "tests/unit/project/Support.h"
#include "tests/unit/project/Tests.h"

using namespace lossmith;
using namespace lossmith::test;
namespace fs = std::filesystem;

namespace {

std::string csv_of(int rows, const std::string& word = "broken") {
    std::string text = "problem,solution,article\n";
    for (int i = 0; i < rows; ++i) text += "It is " + word + " " + std::to_string(i) + ",Mend number " + std::to_string(i) + ",lamp\n";
    return text;
}

Result<DataSource> import_csv(Project& project, const fs::path& path, std::optional<Split> split = {}, const ProgressSink& progress = {},
                              const CancellationToken& cancelled = {}) {
    const auto guess = guess_import(path);
    if (!guess) return std::unexpected(guess.error());
    return project.data().import_file(path, *guess, split, progress, cancelled);
}

std::uintmax_t log_size(const fs::path& project) {
    std::error_code none;
    const auto size = fs::file_size(project.string() + "-wal", none);
    return none ? 0 : size;
}

}  // namespace

class DataStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void imported_rows_come_back_as_they_were();
    void what_was_set_aside_is_listed_with_its_line_and_reason();
    void a_source_says_where_it_came_from_and_how_it_was_read();
    void rows_are_split_by_the_rule_and_pages_of_them_join_up();
    void a_held_out_file_goes_to_its_split_and_stays_there();
    void changing_the_rule_moves_rows_as_a_new_import_would_have_put_them();
    void a_row_the_project_has_already_is_set_aside_unless_duplicates_are_kept();
    void a_set_aside_row_mended_becomes_a_row_once();
    void removing_a_source_removes_its_rows_and_no_others();
    void a_cancelled_import_leaves_nothing();
    void a_full_disk_leaves_nothing_and_is_told_in_a_sentence();
    void a_project_that_another_writes_to_is_told_in_a_sentence();
    void a_reader_sees_the_rows_of_before_while_an_import_runs();
    void the_digest_tells_of_rows_and_splits();
    void a_folder_of_texts_is_a_source();
};

void DataStoreTest::imported_rows_come_back_as_they_were() {
    const Folder folder;
    const auto project = folder.project();
    const fs::path csv = folder.write("a.csv", "problem,solution,article\n\"It says \"\"no\"\"\nand stops\",Größe 日本 😀,lamp\n");
    const auto source = import_csv(*project, csv);
    VERIFY_OK(source);
    QCOMPARE(source->rows, std::int64_t{1});
    const auto rows = project->data().rows();
    VERIFY_OK(rows);
    QCOMPARE(rows->size(), std::size_t{1});
    QCOMPARE(rows->front().problem, std::string("It says \"no\"\nand stops"));
    QCOMPARE(rows->front().solution, std::string("Größe 日本 😀"));
    QCOMPARE(rows->front().others.at("article"), std::string("lamp"));
    QCOMPARE(rows->front().line, std::int64_t{2});
    QCOMPARE(rows->front().source, source->id);
}

void DataStoreTest::what_was_set_aside_is_listed_with_its_line_and_reason() {
    const Folder folder;
    const auto project = folder.project();
    const auto source = import_csv(*project, folder.write("a.csv", "problem,solution\na,b\nonly one\na,b\nc,d\n"));
    VERIFY_OK(source);
    QCOMPARE(source->rows, std::int64_t{2});
    QCOMPARE(source->set_aside, std::int64_t{2});
    const auto aside = project->data().set_aside();
    VERIFY_OK(aside);
    QCOMPARE(aside->size(), std::size_t{2});
    QCOMPARE(aside->front().row.line, std::int64_t{3});
    QVERIFY(aside->front().row.reason == AsideReason::Ragged);
    QVERIFY(!aside->front().row.message.empty());
    QVERIFY(aside->back().row.reason == AsideReason::Duplicate);
    QCOMPARE(project->data().set_aside(1, 1)->front().id, aside->back().id);
}

void DataStoreTest::a_source_says_where_it_came_from_and_how_it_was_read() {
    const Folder folder;
    const auto project = folder.project();
    const std::string text = "problem;solution\na;b\n";
    const fs::path csv = folder.write("a.csv", text);
    VERIFY_OK(import_csv(*project, csv));
    const auto sources = project->data().sources();
    VERIFY_OK(sources);
    QCOMPARE(sources->size(), std::size_t{1});
    QCOMPARE(sources->front().path, csv.string());
    QCOMPARE(QString::fromStdString(sources->front().sha256),
             QString::fromLatin1(QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha256).toHex()));
    QCOMPARE(*sources->front().options.delimiter, ';');
    QVERIFY(!sources->front().notes.empty());
    QCOMPARE(sources->front().rows, std::int64_t{1});
    QVERIFY(sources->front().imported_at.ends_with('Z'));
}

void DataStoreTest::rows_are_split_by_the_rule_and_pages_of_them_join_up() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(project->data().set_split_config({0.2, 0.1, 7}));
    VERIFY_OK(import_csv(*project, folder.write("a.csv", csv_of(1000))));
    const std::int64_t train = *project->data().count(Split::Train);
    const std::int64_t validation = *project->data().count(Split::Validation);
    const std::int64_t test = *project->data().count(Split::Test);
    QCOMPARE(train + validation + test, std::int64_t{1000});
    QCOMPARE(*project->data().count(), std::int64_t{1000});
    QVERIFY(validation > 150 && validation < 250);
    QVERIFY(test > 60 && test < 140);
    for (const std::optional<Split> split : {std::optional<Split>(), std::optional<Split>(Split::Validation)}) {
        std::vector<std::int64_t> paged;
        while (true) {
            const auto page = project->data().rows(split, 64, static_cast<std::int64_t>(paged.size()));
            VERIFY_OK(page);
            if (page->empty()) break;
            for (const Row& row : *page) {
                paged.push_back(row.id);
                QVERIFY(row.split == split_of({0.2, 0.1, 7}, row.problem));
            }
        }
        std::vector<std::int64_t> whole;
        const auto all = project->data().rows(split);
        VERIFY_OK(all);
        for (const Row& row : *all) whole.push_back(row.id);
        QCOMPARE(paged, whole);
        QVERIFY(std::is_sorted(whole.begin(), whole.end()));
    }
}

void DataStoreTest::a_held_out_file_goes_to_its_split_and_stays_there() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(import_csv(*project, folder.write("a.csv", csv_of(50)), Split::Test));
    QCOMPARE(*project->data().count(Split::Test), std::int64_t{50});
    VERIFY_OK(project->data().set_split_config({0.5, 0.0, 1}));
    QCOMPARE(*project->data().count(Split::Test), std::int64_t{50});
}

void DataStoreTest::changing_the_rule_moves_rows_as_a_new_import_would_have_put_them() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(import_csv(*project, folder.write("a.csv", csv_of(500))));
    const SplitConfig rule{0.3, 0.2, 99};
    VERIFY_OK(project->data().set_split_config(rule));
    QVERIFY(*project->data().split_config() == rule);
    const auto rows = project->data().rows();
    VERIFY_OK(rows);
    for (const Row& row : *rows) QVERIFY(row.split == split_of(rule, row.problem));
    VERIFY_ERROR(project->data().set_split_config({0.9, 0.9, 1}), ErrorKind::BadInput);
    QVERIFY(*project->data().split_config() == rule);
}

void DataStoreTest::a_row_the_project_has_already_is_set_aside_unless_duplicates_are_kept() {
    const Folder folder;
    const auto project = folder.project();
    const fs::path csv = folder.write("a.csv", csv_of(20));
    VERIFY_OK(import_csv(*project, csv));
    const auto again = import_csv(*project, csv);
    VERIFY_OK(again);
    QCOMPARE(again->rows, std::int64_t{0});
    QCOMPARE(again->set_aside, std::int64_t{20});
    QVERIFY(project->data().set_aside()->front().row.reason == AsideReason::Duplicate);
    ImportOptions keep;
    keep.keep_duplicates = true;
    const auto guess = guess_import(csv, keep);
    VERIFY_OK(guess);
    const auto kept = project->data().import_file(csv, *guess);
    VERIFY_OK(kept);
    QCOMPARE(kept->rows, std::int64_t{20});
    QCOMPARE(*project->data().count(), std::int64_t{40});
}

void DataStoreTest::a_set_aside_row_mended_becomes_a_row_once() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(import_csv(*project, folder.write("a.csv", "problem,solution\na,b\nonly one\n"), Split::Validation));
    const StoredAside aside = project->data().set_aside()->front();
    VERIFY_ERROR(project->data().mend(aside.id, "only one", ""), ErrorKind::BadInput);
    VERIFY_OK(project->data().mend(aside.id, "only one", "and its solution"));
    VERIFY_ERROR(project->data().mend(aside.id, "only one", "and its solution"), ErrorKind::NotFound);
    const Row mended = project->data().rows()->back();
    QCOMPARE(mended.problem, std::string("only one"));
    QCOMPARE(mended.line, aside.row.line);
    QVERIFY(mended.split == Split::Validation);
    QCOMPARE(project->data().sources()->front().rows, std::int64_t{2});
    QCOMPARE(project->data().sources()->front().set_aside, std::int64_t{0});
    QVERIFY(project->data().set_aside()->empty());
}

void DataStoreTest::removing_a_source_removes_its_rows_and_no_others() {
    const Folder folder;
    const auto project = folder.project();
    const auto first = import_csv(*project, folder.write("a.csv", csv_of(10) + "ragged\n"));
    VERIFY_OK(first);
    VERIFY_OK(import_csv(*project, folder.write("b.csv", csv_of(5, "torn"))));
    VERIFY_OK(project->data().remove_source(first->id));
    QCOMPARE(*project->data().count(), std::int64_t{5});
    QVERIFY(project->data().set_aside()->empty());
    VERIFY_ERROR(project->data().remove_source(first->id), ErrorKind::NotFound);
}

void DataStoreTest::a_cancelled_import_leaves_nothing() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(import_csv(*project, folder.write("first.csv", csv_of(3, "torn"))));
    const CancellationToken cancelled;
    const auto outcome = import_csv(
        *project, folder.write("a.csv", csv_of(100000)), {},
        [&](const Progress& progress) {
            if (progress.stage != "taking its digest" && progress.done > progress.total / 2) cancelled.cancel();
        },
        cancelled);
    QVERIFY(!outcome.has_value());
    QVERIFY(outcome.error().kind == ErrorKind::Cancelled);
    QCOMPARE(*project->data().count(), std::int64_t{3});
    QCOMPARE(project->data().sources()->size(), std::size_t{1});
    QVERIFY(project->data().set_aside()->empty());
    QCOMPARE(log_size(project->path()), std::uintmax_t{0});
}

void DataStoreTest::a_full_disk_leaves_nothing_and_is_told_in_a_sentence() {
    const Folder folder;
    const auto project = folder.project();
    const QString name = QStringLiteral("small");
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(text_of(project->path()));
        QVERIFY(database.open());
        // SQLite answers as for a full disk once the file may not grow.
        QVERIFY(QSqlQuery(database).exec(QStringLiteral("PRAGMA max_page_count = 60")));
        DataStore store(database);
        const fs::path csv = folder.write("a.csv", csv_of(20000));
        const auto guess = guess_import(csv);
        VERIFY_OK(guess);
        const auto outcome = store.import_file(csv, *guess);
        VERIFY_ERROR(outcome, ErrorKind::Io);
        QVERIFY(outcome.error().message.find("disk is full") != std::string::npos);
        QVERIFY(!outcome.error().hint.empty());
    }
    QSqlDatabase::removeDatabase(name);
    QCOMPARE(*project->data().count(), std::int64_t{0});
    QVERIFY(project->data().sources()->empty());
}

void DataStoreTest::a_project_that_another_writes_to_is_told_in_a_sentence() {
    const Folder folder;
    const auto project = folder.project();
    for (const QString& name : {QStringLiteral("holder"), QStringLiteral("waiter")}) {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(text_of(project->path()));
        database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=20"));
        QVERIFY(database.open());
    }
    {
        const QSqlDatabase holder = QSqlDatabase::database(QStringLiteral("holder"));
        QVERIFY(QSqlQuery(holder).exec(QStringLiteral("BEGIN IMMEDIATE")));
        ModelStore store(QSqlDatabase::database(QStringLiteral("waiter")));
        const auto outcome = store.add("mine", "/models/mine");
        VERIFY_ERROR(outcome, ErrorKind::Io);
        QVERIFY(outcome.error().message.find("Another program is writing") != std::string::npos);
        VERIFY_OK(store.models());
        QVERIFY(QSqlQuery(holder).exec(QStringLiteral("ROLLBACK")));
        VERIFY_OK(store.add("mine", "/models/mine"));
    }
    QSqlDatabase::removeDatabase(QStringLiteral("holder"));
    QSqlDatabase::removeDatabase(QStringLiteral("waiter"));
}

void DataStoreTest::a_reader_sees_the_rows_of_before_while_an_import_runs() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(import_csv(*project, folder.write("first.csv", csv_of(3, "torn"))));
    const auto reader = Project::open(project->path());
    VERIFY_OK(reader);
    int looks = 0;
    const auto imported = import_csv(*project, folder.write("a.csv", csv_of(100000)), {}, [&](const Progress& progress) {
        if (progress.stage == "taking its digest" || progress.done >= progress.total) return;
        const auto count = (*reader)->data().count();
        if (count && *count == 3) ++looks;
    });
    VERIFY_OK(imported);
    QVERIFY(looks > 0);
    QCOMPARE(*(*reader)->data().count(), std::int64_t{100003});
}

void DataStoreTest::the_digest_tells_of_rows_and_splits() {
    const Folder folder;
    const auto project = folder.project();
    const auto empty = project->data().digest();
    VERIFY_OK(empty);
    VERIFY_OK(import_csv(*project, folder.write("a.csv", csv_of(100))));
    const auto full = project->data().digest();
    VERIFY_OK(full);
    QCOMPARE(full->size(), std::size_t{64});
    QVERIFY(*full != *empty);
    const auto twin = folder.project("twin.lossmith");
    VERIFY_OK(import_csv(*twin, folder / "a.csv"));
    QCOMPARE(*twin->data().digest(), *full);
    VERIFY_OK(twin->data().set_split_config({0.4, 0.0, 42}));
    QVERIFY(*twin->data().digest() != *full);
    VERIFY_OK(twin->data().set_split_config({}));
    QCOMPARE(*twin->data().digest(), *full);
}

void DataStoreTest::a_folder_of_texts_is_a_source() {
    const Folder folder;
    const auto project = folder.project();
    fs::create_directory(folder / "texts");
    folder.write("texts/one.txt", "Once upon a time there was a lamp.\n");
    folder.write("texts/two.txt", "It did not light.\n");
    const auto source = import_csv(*project, folder / "texts");
    VERIFY_OK(source);
    QCOMPARE(source->rows, std::int64_t{2});
    const auto rows = project->data().rows();
    VERIFY_OK(rows);
    QCOMPARE(rows->front().others.at("file"), std::string("one.txt"));
    QCOMPARE(rows->back().solution, std::string("It did not light."));
    QVERIFY(rows->back().problem.empty());
}

int lossmith::test::run_data_store_tests(int argc, char** argv) {
    DataStoreTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "DataStoreTest.moc"
