// What DataStore's two source files share.
#pragma once

#include <QSqlDatabase>
#include <cstdint>
#include <string>

#include "core/project/DataStore.h"
#include "core/project/Sql.h"

namespace lossmith {

struct DataStore::Parts {
    QSqlDatabase database;
};

/// 64 bits that stand for a row's problem and solution.
[[nodiscard]] std::int64_t content_of(const std::string& problem, const std::string& solution);

/// The rule recorded in the project; the default one in a new project.
[[nodiscard]] Result<SplitConfig> recorded_split_config(const QSqlDatabase& database);

/// Rows written one after another with one prepared statement.
class RowWriter {
public:
    [[nodiscard]] static Result<RowWriter> prepare(const QSqlDatabase& database);
    [[nodiscard]] Status write(std::int64_t source, const SourceRow& row, std::int64_t content, Split split, bool forced);

private:
    explicit RowWriter(sql::Statement insert) : m_insert(std::move(insert)) {}
    sql::Statement m_insert;
};

}  // namespace lossmith
