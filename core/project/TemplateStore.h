// The project's templates; one is current.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/data/Template.h"

class QSqlDatabase;

namespace lossmith {

struct StoredTemplate {
    std::int64_t id = 0;
    std::string name;
    TemplateSpec spec;
};

class TemplateStore {
public:
    explicit TemplateStore(const QSqlDatabase& database);
    ~TemplateStore();
    TemplateStore(const TemplateStore&) = delete;
    TemplateStore& operator=(const TemplateStore&) = delete;

    /// The current template; the default TemplateSpec in a new project.
    [[nodiscard]] Result<TemplateSpec> current() const;
    /// Refuses a spec that does not validate. Earlier ones stay in history().
    [[nodiscard]] Status set_current(const TemplateSpec& spec, const std::string& name = {});
    [[nodiscard]] Result<std::vector<StoredTemplate>> history() const;  ///< newest first

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
