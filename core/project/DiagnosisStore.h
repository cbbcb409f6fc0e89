// What the Doctor found, one diagnosis a run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/Result.h"
#include "core/diagnosis/Diagnosis.h"

class QSqlDatabase;

namespace lossmith {

class DiagnosisStore {
public:
    explicit DiagnosisStore(const QSqlDatabase& database);
    ~DiagnosisStore();
    DiagnosisStore(const DiagnosisStore&) = delete;
    DiagnosisStore& operator=(const DiagnosisStore&) = delete;

    /// In place of the run's earlier one; gives it back with the time it was kept at. NotFound when there is no such run.
    [[nodiscard]] Result<Diagnosis> keep(Diagnosis diagnosis);
    /// The run's last one.
    [[nodiscard]] Result<std::optional<Diagnosis>> of_run(std::int64_t run) const;

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
