// The project file's schema as numbered steps from an empty file to today's.
#pragma once

#include <QSqlDatabase>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Result.h"

namespace lossmith {

/// "LSmi", in the header of every project file.
inline constexpr std::int64_t application_id = 0x4C536D69;

/// The schema this program reads and writes.
[[nodiscard]] int newest_schema();

/// PRAGMA user_version.
[[nodiscard]] Result<int> schema_of(const QSqlDatabase& database);

/// Brings the schema up to `target`, each step in one transaction. A step that another process has done meanwhile is passed over.
[[nodiscard]] Status migrate(const QSqlDatabase& database, int target = newest_schema());

/// The tables that a file of the newest schema has.
[[nodiscard]] const std::vector<std::string>& tables_of_newest_schema();

}  // namespace lossmith
