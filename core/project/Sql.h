// The little of SQL that the stores share: prepared statements, write transactions, and failures as sentences.
#pragma once

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariant>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/base/Json.h"
#include "core/base/Result.h"

class QSqlError;

namespace lossmith::sql {

/// What SQLite says, as an Error for the user: another writer, a full disk, a damaged file, ….
[[nodiscard]] Error error_from(const QSqlError& error);

[[nodiscard]] QVariant to_value(std::int64_t number);
[[nodiscard]] QVariant to_value(double number);
[[nodiscard]] QVariant to_value(const std::string& text);  ///< UTF-8; an empty text stays a text, not NULL
[[nodiscard]] QVariant to_value(const std::optional<double>& number);
[[nodiscard]] QVariant to_value(const std::optional<std::int64_t>& number);

/// A prepared statement; run() may be called again and again with other values.
class Statement {
public:
    [[nodiscard]] static Result<Statement> prepare(const QSqlDatabase& database, const char* text);

    /// One value for each `?`, in order.
    template <typename... Values>
    [[nodiscard]] Status run(const Values&... values) {
        int place = 0;
        (m_query.bindValue(place++, to_value(values)), ...);
        return execute();
    }

    /// The next row of the answer; false after the last.
    [[nodiscard]] Result<bool> next();

    [[nodiscard]] std::int64_t integer(int column) const { return m_query.value(column).toLongLong(); }
    [[nodiscard]] double real(int column) const { return m_query.value(column).toDouble(); }
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] bool is_null(int column) const { return m_query.isNull(column); }
    [[nodiscard]] std::optional<double> real_or_none(int column) const;

    [[nodiscard]] std::int64_t inserted_id() const { return m_query.lastInsertId().toLongLong(); }
    [[nodiscard]] std::int64_t rows_changed() const { return m_query.numRowsAffected(); }

private:
    explicit Statement(QSqlQuery query) : m_query(std::move(query)) {}
    [[nodiscard]] Status execute();
    QSqlQuery m_query;
};

/// Prepares and runs a statement whose answer is not wanted.
template <typename... Values>
[[nodiscard]] Status run(const QSqlDatabase& database, const char* text, const Values&... values) {
    auto statement = LOSSMITH_TRY(Statement::prepare(database, text));
    return statement.run(values...);
}

/// The whole number in the first column of the first row; nothing where there is no row.
template <typename... Values>
[[nodiscard]] Result<std::optional<std::int64_t>> first_integer(const QSqlDatabase& database, const char* text, const Values&... values) {
    auto statement = LOSSMITH_TRY(Statement::prepare(database, text));
    LOSSMITH_CHECK(statement.run(values...));
    if (!LOSSMITH_TRY(statement.next())) return std::nullopt;
    return statement.integer(0);
}

/// Takes the write lock at once, so that a transaction never fails half-way for want of it. Rolls back unless committed.
class WriteTransaction {
public:
    [[nodiscard]] static Result<WriteTransaction> begin(const QSqlDatabase& database);
    WriteTransaction(WriteTransaction&& other) noexcept
        : m_database(std::move(other.m_database)), m_open(std::exchange(other.m_open, false)) {}
    WriteTransaction& operator=(WriteTransaction&&) = delete;
    ~WriteTransaction();

    [[nodiscard]] Status commit();

private:
    explicit WriteTransaction(const QSqlDatabase& database) : m_database(database) {}
    QSqlDatabase m_database;
    bool m_open = true;
};

/// JSON as it is stored: compact, with U+FFFD for bytes that are no UTF-8.
[[nodiscard]] std::string stored(const Json& json);

/// The time now, ISO 8601 in UTC: "2025-01-31T12:00:00Z".
[[nodiscard]] std::string now();

}  // namespace lossmith::sql
