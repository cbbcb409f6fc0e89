// The row_labels table: labels by hand.
#include "core/project/DataStore.h"
#include "core/project/DataStoreParts.h"

namespace lossmith {

Result<std::map<std::int64_t, RowLabels>> DataStore::labels_by_hand() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT row, labels FROM row_labels ORDER BY row"));
    LOSSMITH_CHECK(select.run());
    std::map<std::int64_t, RowLabels> all;
    while (LOSSMITH_TRY(select.next())) {
        const std::int64_t row = select.integer(0);
        const Json json = LOSSMITH_TRY(parse_json(select.text(1), "the labels of row " + std::to_string(row)));
        auto labels = row_labels_from_json(json);
        if (!labels) return failure(std::move(labels).error().at_row(row));
        all.emplace(row, std::move(*labels));
    }
    return all;
}

Status DataStore::set_labels(std::int64_t row, const RowLabels& labels) {
    const QSqlDatabase& database = m_parts->database;
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(database));
    if (!LOSSMITH_TRY(sql::first_integer(database, "SELECT id FROM rows WHERE id = ?", row)))
        return failure(Error::not_found("There is no row " + std::to_string(row) + " in this project."));
    const RowLabels kept = tidied(labels);
    if (kept.empty())
        LOSSMITH_CHECK(sql::run(database, "DELETE FROM row_labels WHERE row = ?", row));
    else
        LOSSMITH_CHECK(
            sql::run(database, "INSERT OR REPLACE INTO row_labels (row, labels) VALUES (?, ?)", row, sql::stored(row_labels_json(kept))));
    return transaction.commit();
}

}  // namespace lossmith
