// The models table.
#include "core/project/ModelStore.h"

#include <QSqlDatabase>

#include "core/project/Sql.h"

namespace lossmith {

struct ModelStore::Parts {
    QSqlDatabase database;
};

ModelStore::ModelStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
ModelStore::~ModelStore() = default;

Result<std::vector<StoredModel>> ModelStore::models() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT id, name, path FROM models ORDER BY id"));
    LOSSMITH_CHECK(select.run());
    std::vector<StoredModel> models;
    while (LOSSMITH_TRY(select.next())) models.push_back({select.integer(0), select.text(1), select.text(2)});
    return models;
}

Status ModelStore::add(const std::string& name, const std::string& path) {
    if (name.empty()) return failure(Error::bad_input("A model needs a name."));
    if (path.empty()) return failure(Error::bad_input("The model “" + name + "” needs a folder."));
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    if (LOSSMITH_TRY(sql::first_integer(m_parts->database, "SELECT id FROM models WHERE name = ?", name))) {
        return failure(
            Error::bad_input("The project has a model “" + name + "” already.").with_hint("Choose another name, or remove that one."));
    }
    LOSSMITH_CHECK(sql::run(m_parts->database, "INSERT INTO models (name, path) VALUES (?, ?)", name, path));
    return transaction.commit();
}

Status ModelStore::remove(const std::string& name) {
    auto statement = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "DELETE FROM models WHERE name = ?"));
    LOSSMITH_CHECK(statement.run(name));
    if (statement.rows_changed() == 0) return failure(Error::not_found("The project has no model “" + name + "”."));
    return {};
}

}  // namespace lossmith
