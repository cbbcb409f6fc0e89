// The diagnoses table.
#include "core/project/DiagnosisStore.h"

#include <QSqlDatabase>

#include "core/project/Sql.h"

namespace lossmith {

struct DiagnosisStore::Parts {
    QSqlDatabase database;
};

DiagnosisStore::DiagnosisStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
DiagnosisStore::~DiagnosisStore() = default;

Result<Diagnosis> DiagnosisStore::keep(Diagnosis diagnosis) {
    diagnosis.at = sql::now();
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    if (!LOSSMITH_TRY(sql::first_integer(m_parts->database, "SELECT id FROM runs WHERE id = ?", diagnosis.run)))
        return failure(Error::not_found("There is no run " + std::to_string(diagnosis.run) + " in this project."));
    auto insert =
        LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "INSERT OR REPLACE INTO diagnoses (run, at, report) VALUES (?, ?, ?)"));
    LOSSMITH_CHECK(insert.run(diagnosis.run, diagnosis.at, sql::stored(diagnosis)));
    LOSSMITH_CHECK(transaction.commit());
    return diagnosis;
}

Result<std::optional<Diagnosis>> DiagnosisStore::of_run(std::int64_t run) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT report FROM diagnoses WHERE run = ?"));
    LOSSMITH_CHECK(select.run(run));
    if (!LOSSMITH_TRY(select.next())) return std::optional<Diagnosis>{};
    const Json json = LOSSMITH_TRY(parse_json(select.text(0), "the diagnosis of run " + std::to_string(run)));
    return std::optional(LOSSMITH_TRY(diagnosis_from_json(json)));
}

}  // namespace lossmith
