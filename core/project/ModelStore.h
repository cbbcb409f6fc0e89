// Models the project knows: folders on disk that runs start from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Result.h"

class QSqlDatabase;

namespace lossmith {

struct StoredModel {
    std::int64_t id = 0;
    std::string name;  ///< unique in the project
    std::string path;  ///< a Hugging Face folder, absolute or relative to the project file; "starter" for the shipped one
};

class ModelStore {
public:
    explicit ModelStore(const QSqlDatabase& database);
    ~ModelStore();
    ModelStore(const ModelStore&) = delete;
    ModelStore& operator=(const ModelStore&) = delete;

    /// A new project knows "starter".
    [[nodiscard]] Result<std::vector<StoredModel>> models() const;
    [[nodiscard]] Status add(const std::string& name, const std::string& path);
    [[nodiscard]] Status remove(const std::string& name);

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
