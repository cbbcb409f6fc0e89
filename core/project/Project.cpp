// Making, opening and upgrading the project file, and the stores over its one connection.
#include "core/project/Project.h"

#include <fcntl.h>
#include <unistd.h>

#include <QSqlDatabase>
#include <QSqlError>
#include <QUuid>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "core/base/Files.h"
#include "core/project/DataStore.h"
#include "core/project/DiagnosisStore.h"
#include "core/project/LossStore.h"
#include "core/project/MetricStore.h"
#include "core/project/Migrations.h"
#include "core/project/ModelStore.h"
#include "core/project/ProjectFile.h"
#include "core/project/PromptStore.h"
#include "core/project/RunStore.h"
#include "core/project/Sql.h"
#include "core/project/TemplateStore.h"

namespace lossmith {

namespace {

namespace fs = std::filesystem;

/// A connection under a name of its own, which Qt wants forgotten after the last copy of it is gone.
class Connection {
public:
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const fs::path& path) {
        auto connection = std::unique_ptr<Connection>(new Connection);
        QSqlDatabase& database = connection->m_database;
        if (!database.isValid()) {
            return failure(
                Error::internal("Qt's SQLite driver is not there.").with_hint("Install it: on Debian the package is libqt6sql6-sqlite."));
        }
        database.setDatabaseName(QString::fromStdString(path.string()));
        database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=10000"));
        if (!database.open()) return failure(sql::error_from(database.lastError()).in_file(path.string()));
        // The log is cut back after a large import; NORMAL keeps the file whole through a power cut, and fsyncs at checkpoints of the log.
        for (const char* setting : {"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA foreign_keys = ON",
                                    "PRAGMA synchronous = NORMAL", "PRAGMA journal_size_limit = 67108864"}) {
            if (auto status = sql::run(database, setting); !status) return failure(std::move(status).error().in_file(path.string()));
        }
        return connection;
    }

    ~Connection() {
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(m_name);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] const QSqlDatabase& database() const { return m_database; }

private:
    Connection()
        : m_name(QStringLiteral("lossmith-") + QUuid::createUuid().toString(QUuid::WithoutBraces)),
          m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_name)) {}

    QString m_name;
    QSqlDatabase m_database;
};

/// A name beside `path` that nobody else uses.
fs::path name_beside(const fs::path& path, const std::string& word) {
    fs::path name = path;
    name += "." + word + "-" + QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
    return name;
}

void remove_quietly(const fs::path& path) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        fs::path file = path;
        file += suffix;
        fs::remove(file, ignored);
    }
}

fs::path files_folder_of(const fs::path& path) {
    fs::path folder = path;
    return folder.replace_extension(".files");
}

Status make_files_folder(const fs::path& path) {
    std::error_code problem;
    fs::create_directories(files_folder_of(path), problem);
    if (!problem) return {};
    return failure(
        Error::io("The folder for its weights cannot be made: " + problem.message() + ".").in_file(files_folder_of(path).string()));
}

Status fill_new_file(const fs::path& path) {
    const auto connection = LOSSMITH_TRY(Connection::open(path));
    LOSSMITH_CHECK(sql::run(connection->database(), "PRAGMA journal_mode = WAL"));
    return migrate(connection->database());
}

/// Keeps a copy of an older file as "<name>.before-vN", then migrates. Two processes may do this at once: one of them keeps the copy.
Status upgrade(const QSqlDatabase& database, const fs::path& path, int from) {
    const fs::path copy = name_beside(path, "copy");
    auto copied = sql::run(database, "VACUUM INTO ?", copy.string());
    if (copied) copied = flush_to_disk(copy);
    if (!copied) {
        remove_quietly(copy);
        return failure(std::move(copied).error());
    }
    if (LOSSMITH_TRY(schema_of(database)) != from) {
        remove_quietly(copy);
        return migrate(database);
    }
    const std::string kept = path.string() + ".before-v" + std::to_string(newest_schema());
    Status placed = put_in_place(copy, kept);
    for (int number = 2; !placed && placed.error().kind == ErrorKind::BadInput && number < 100; ++number)
        placed = put_in_place(copy, kept + "." + std::to_string(number));
    if (!placed) {
        remove_quietly(copy);
        return placed;
    }
    return migrate(database);
}

Status expect_all_tables(const QSqlDatabase& database) {
    for (const std::string& table : tables_of_newest_schema()) {
        const auto count =
            LOSSMITH_TRY(sql::first_integer(database, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", table));
        if (count.value_or(0) == 1) continue;
        return failure(Error::bad_input("The project file is damaged: its table “" + table + "” is missing.")
                           .with_hint("Take a copy of it from a backup."));
    }
    return {};
}

}  // namespace

struct Project::Parts {
    Parts(fs::path at, std::unique_ptr<Connection> opened)
        : path(std::move(at)),
          connection(std::move(opened)),
          data(connection->database()),
          templates(connection->database()),
          models(connection->database()),
          runs(connection->database()),
          metrics(connection->database()),
          prompts(connection->database()),
          losses(connection->database()),
          diagnoses(connection->database()) {}

    fs::path path;
    std::unique_ptr<Connection> connection;
    DataStore data;
    TemplateStore templates;
    ModelStore models;
    RunStore runs;
    MetricStore metrics;
    PromptStore prompts;
    LossStore losses;
    DiagnosisStore diagnoses;
};

Project::Project(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
Project::~Project() = default;

Result<std::unique_ptr<Project>> Project::create(const fs::path& wanted) {
    const fs::path path = LOSSMITH_TRY(usable_path(wanted));
    std::error_code problem;
    if (fs::exists(fs::symlink_status(path, problem)))
        return failure(Error::bad_input("There is already a file of this name.").in_file(path.string()));
    const fs::path folder = path.parent_path();
    if (!fs::is_directory(folder, problem))
        return failure(Error::not_found("The folder for the project is not there.").in_file(folder.string()));
    if (access(folder.c_str(), W_OK | X_OK) != 0)
        return failure(Error::io("The folder may not be written to: " + std::string(std::strerror(errno)) + ".").in_file(folder.string()));

    // Made whole under another name first, so that nobody ever opens half a project.
    const fs::path unfinished = name_beside(path, "new");
    auto made = fill_new_file(unfinished);
    if (made) made = flush_to_disk(unfinished);
    if (made) made = put_in_place(unfinished, path);
    if (!made) {
        remove_quietly(unfinished);
        return failure(std::move(made).error());
    }
    return open(path);
}

Result<std::unique_ptr<Project>> Project::open(const fs::path& wanted) {
    const fs::path path = LOSSMITH_TRY(usable_path(wanted));
    LOSSMITH_TRY(inspect_project_file(path));
    if (access(path.c_str(), R_OK | W_OK) != 0)
        return failure(Error::io("The project file may not be written to: " + std::string(std::strerror(errno)) + ".")
                           .with_hint("Check its rights, or copy it to a folder of yours.")
                           .in_file(path.string()));
    auto connection = LOSSMITH_TRY(Connection::open(path));
    const QSqlDatabase& database = connection->database();
    const auto prepare = [&]() -> Status {
        LOSSMITH_CHECK(sql::run(database, "PRAGMA journal_mode = WAL"));
        // The header may be older than the write-ahead log.
        const int schema = LOSSMITH_TRY(schema_of(database));
        if (schema > newest_schema())
            return failure(
                Error::unsupported("The project was made by a newer Lossmith.").with_hint("Install the newer version to open it."));
        if (schema < newest_schema()) LOSSMITH_CHECK(upgrade(database, path, schema));
        LOSSMITH_CHECK(expect_all_tables(database));
        return make_files_folder(path);
    };
    if (auto ready = prepare(); !ready) {
        Error error = std::move(ready).error();
        if (error.where.file.empty()) error.where.file = path.string();
        return failure(std::move(error));
    }
    return std::unique_ptr<Project>(new Project(std::make_unique<Parts>(path, std::move(connection))));
}

Result<std::unique_ptr<Project>> Project::open_or_create(const fs::path& path) {
    std::error_code problem;
    if (!path.empty() && !fs::exists(fs::symlink_status(path, problem))) {
        auto made = create(path);
        // Another process may have made it in this very moment.
        if (made || !fs::exists(path, problem)) return made;
    }
    return open(path);
}

const fs::path& Project::path() const {
    return m_parts->path;
}
fs::path Project::folder() const {
    return fs::absolute(m_parts->path).parent_path();
}
fs::path Project::files_folder() const {
    return files_folder_of(m_parts->path);
}
fs::path Project::run_folder(std::int64_t run) const {
    return files_folder() / ("run-" + std::to_string(run));
}

DataStore& Project::data() {
    return m_parts->data;
}
TemplateStore& Project::templates() {
    return m_parts->templates;
}
ModelStore& Project::models() {
    return m_parts->models;
}
RunStore& Project::runs() {
    return m_parts->runs;
}
MetricStore& Project::metrics() {
    return m_parts->metrics;
}
PromptStore& Project::prompts() {
    return m_parts->prompts;
}
DiagnosisStore& Project::diagnoses() {
    return m_parts->diagnoses;
}
LossStore& Project::losses() {
    return m_parts->losses;
}

Result<std::int64_t> Project::data_version() {
    return LOSSMITH_TRY(sql::first_integer(m_parts->connection->database(), "PRAGMA data_version")).value_or(0);
}

}  // namespace lossmith
