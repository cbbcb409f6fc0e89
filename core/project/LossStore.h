// The project's own losses: what was typed, under a name of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/LossSpec.h"

class QSqlDatabase;

namespace lossmith {

/// Whether somebody has accepted a loss is not kept here: a project that was sent would say so of itself.
struct StoredLoss {
    std::int64_t id = 0;
    std::string name;                  ///< no two losses of a project share it
    std::string source;                ///< the text; may be anything, also what cannot be understood
    Json parameters = Json::object();  ///< values of its fields that are not the defaults
    std::string labels = "aligned";    ///< as LossSpec::labels
    std::string created_at;
    std::string changed_at;

    /// As a run's config holds it.
    [[nodiscard]] LossSpec spec() const { return {name, parameters, source, labels}; }
};

class LossStore {
public:
    explicit LossStore(const QSqlDatabase& database);
    ~LossStore();
    LossStore(const LossStore&) = delete;
    LossStore& operator=(const LossStore&) = delete;

    [[nodiscard]] Result<std::vector<StoredLoss>> losses() const;  ///< in the order they were added
    /// Refuses a name that is there already. `id` and the dates are given here, unless the loss brings an `id` that is free: one that was
    /// removed and is brought back.
    [[nodiscard]] Result<StoredLoss> add(const StoredLoss& loss);
    /// Writes name, source, parameters and labels of the loss with this `id`.
    [[nodiscard]] Status change(const StoredLoss& loss);
    [[nodiscard]] Status remove(std::int64_t loss);

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
