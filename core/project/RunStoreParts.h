// What RunStore's two source files share.
#pragma once

#include <QSqlDatabase>

#include "core/project/RunStore.h"
#include "core/project/Sql.h"

namespace lossmith {

struct RunStore::Parts {
    QSqlDatabase database;

    /// Runs an UPDATE of one run whose last `?` is its id; NotFound when there is none.
    template <typename... Values>
    [[nodiscard]] Status change(std::int64_t id, const char* text, const Values&... values) {
        auto statement = LOSSMITH_TRY(sql::Statement::prepare(database, text));
        LOSSMITH_CHECK(statement.run(values..., id));
        return expect_changed(id, statement);
    }

private:
    [[nodiscard]] static Status expect_changed(std::int64_t id, const sql::Statement& statement);
};

}  // namespace lossmith
