// Prepared statements and transactions over Qt's SQLite driver.
#include "core/project/Sql.h"

#include <QDateTime>
#include <QSqlError>
#include <utility>

namespace lossmith::sql {

namespace {

// SQLite's primary result codes; the extended ones carry them in their low byte.
enum ResultCode {
    Busy = 5,
    Locked = 6,
    NoMemory = 7,
    ReadOnly = 8,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CannotOpen = 14,
    NotADatabase = 26
};

}  // namespace

Error error_from(const QSqlError& error) {
    const std::string said = error.databaseText().toStdString();
    switch (error.nativeErrorCode().toInt() & 0xff) {
        case Busy:
        case Locked:
            return Error::io("Another program is writing to this project and did not finish within ten seconds.")
                .with_hint("Try again when its import or its run's write is done.");
        case NoMemory: return Error::out_of_memory("Memory ran out while the project file was used.");
        case ReadOnly:
            return Error::io("The project file may not be written to.").with_hint("Check the rights of the file and of its folder.");
        case IoError:
            return Error::io("The project file could not be read or written (" + said + ").")
                .with_hint("Check that its disk is there and has free space.");
        case Full:
            return Error::io("The disk is full; nothing of this was written to the project file.")
                .with_hint("Free some space and do it again; what the project held before is whole.");
        case CannotOpen:
            return Error::io("The project file cannot be opened (" + said + ").")
                .with_hint("Check the rights of the file and of its folder.");
        case Corrupt:
        case NotADatabase:
            return Error::bad_input("The project file is damaged (" + said + ").")
                .with_hint("Take a copy of it from a backup; “sqlite3 FILE .recover” may save what is left.");
        default: return Error::internal("The project file refused a statement (" + error.text().toStdString() + ").");
    }
}

QVariant to_value(std::int64_t number) {
    return QVariant::fromValue<qlonglong>(number);
}

QVariant to_value(double number) {
    return {number};
}

QVariant to_value(const std::string& text) {
    return text.empty() ? QStringLiteral("") : QString::fromStdString(text);
}

QVariant to_value(const std::optional<double>& number) {
    return number ? to_value(*number) : QVariant();
}

QVariant to_value(const std::optional<std::int64_t>& number) {
    return number ? to_value(*number) : QVariant();
}

Result<Statement> Statement::prepare(const QSqlDatabase& database, const char* text) {
    QSqlQuery query(database);
    // Otherwise Qt keeps every row it has passed.
    query.setForwardOnly(true);
    if (!query.prepare(QString::fromUtf8(text))) return failure(error_from(query.lastError()));
    return Statement(std::move(query));
}

Status Statement::execute() {
    if (!m_query.exec()) return failure(error_from(m_query.lastError()));
    return {};
}

Result<bool> Statement::next() {
    if (m_query.next()) return true;
    const QSqlError error = m_query.lastError();
    if (error.isValid()) return failure(error_from(error));
    return false;
}

std::string Statement::text(int column) const {
    return m_query.value(column).toString().toStdString();
}

std::optional<double> Statement::real_or_none(int column) const {
    if (is_null(column)) return std::nullopt;
    return real(column);
}

Result<WriteTransaction> WriteTransaction::begin(const QSqlDatabase& database) {
    LOSSMITH_CHECK(run(database, "BEGIN IMMEDIATE"));
    return WriteTransaction(database);
}

Status WriteTransaction::commit() {
    LOSSMITH_CHECK(run(m_database, "COMMIT"));
    m_open = false;
    return {};
}

WriteTransaction::~WriteTransaction() {
    if (!m_open) return;
    // A failure here means that SQLite has rolled back by itself already.
    QSqlQuery query(m_database);
    query.exec(QStringLiteral("ROLLBACK"));
}

std::string stored(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string now() {
    return QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
}

}  // namespace lossmith::sql
