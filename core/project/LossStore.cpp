// The losses table.
#include "core/project/LossStore.h"

#include <QSqlDatabase>

#include "core/project/Sql.h"

namespace lossmith {

namespace {

Result<StoredLoss> loss_from(const sql::Statement& row) {
    StoredLoss loss;
    loss.id = row.integer(0);
    loss.name = row.text(1);
    loss.source = row.text(2);
    loss.parameters = LOSSMITH_TRY(parse_json(row.text(3), "loss " + std::to_string(loss.id)));
    loss.labels = row.text(4);
    loss.created_at = row.text(5);
    loss.changed_at = row.text(6);
    return loss;
}

/// What cannot be kept at all; a source that cannot be understood can.
Status check(const QSqlDatabase& database, const StoredLoss& loss) {
    if (loss.name.empty()) return failure(Error::bad_input("A loss needs a name."));
    if (!loss.parameters.is_object()) return failure(Error::bad_input("The parameters of “" + loss.name + "” are not an object."));
    if (loss.source.size() > longest_loss_source)
        return failure(Error::bad_input("“" + loss.name + "” is longer than " + std::to_string(longest_loss_source) + " bytes."));
    if (LOSSMITH_TRY(sql::first_integer(database, "SELECT id FROM losses WHERE name = ? AND id != ?", loss.name, loss.id)))
        return failure(Error::bad_input("The project has a loss “" + loss.name + "” already.").with_hint("Choose another name."));
    return {};
}

}  // namespace

struct LossStore::Parts {
    QSqlDatabase database;
};

LossStore::LossStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
LossStore::~LossStore() = default;

Result<std::vector<StoredLoss>> LossStore::losses() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, "SELECT id, name, source, parameters, labels, created_at, changed_at FROM losses ORDER BY id"));
    LOSSMITH_CHECK(select.run());
    std::vector<StoredLoss> losses;
    while (LOSSMITH_TRY(select.next())) losses.push_back(LOSSMITH_TRY(loss_from(select)));
    return losses;
}

Result<StoredLoss> LossStore::add(const StoredLoss& loss) {
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    LOSSMITH_CHECK(check(m_parts->database, loss));
    StoredLoss added = loss;
    added.changed_at = sql::now();
    if (added.created_at.empty()) added.created_at = added.changed_at;
    std::optional<std::int64_t> id;
    if (loss.id != 0) id = loss.id;
    auto insert = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database,
        "INSERT INTO losses (id, name, source, parameters, labels, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    LOSSMITH_CHECK(
        insert.run(id, added.name, added.source, sql::stored(added.parameters), added.labels, added.created_at, added.changed_at));
    added.id = insert.inserted_id();
    LOSSMITH_CHECK(transaction.commit());
    return added;
}

Status LossStore::change(const StoredLoss& loss) {
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    LOSSMITH_CHECK(check(m_parts->database, loss));
    auto update = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, "UPDATE losses SET name = ?, source = ?, parameters = ?, labels = ?, changed_at = ? WHERE id = ?"));
    LOSSMITH_CHECK(update.run(loss.name, loss.source, sql::stored(loss.parameters), loss.labels, sql::now(), loss.id));
    if (update.rows_changed() == 0) return failure(Error::not_found("The project has no loss " + std::to_string(loss.id) + "."));
    return transaction.commit();
}

Status LossStore::remove(std::int64_t loss) {
    auto statement = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "DELETE FROM losses WHERE id = ?"));
    LOSSMITH_CHECK(statement.run(loss));
    if (statement.rows_changed() == 0) return failure(Error::not_found("The project has no loss " + std::to_string(loss) + "."));
    return {};
}

}  // namespace lossmith
