// The templates table: the newest is the current one.
#include "core/project/TemplateStore.h"

#include <QSqlDatabase>

#include "core/project/Joined.h"
#include "core/project/Sql.h"

namespace lossmith {

namespace {

Result<TemplateSpec> spec_from(const std::string& text, std::int64_t id) {
    const std::string name = "template " + std::to_string(id);
    return template_spec_from_json(LOSSMITH_TRY(parse_json(text, name)));
}

}  // namespace

struct TemplateStore::Parts {
    QSqlDatabase database;
};

TemplateStore::TemplateStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
TemplateStore::~TemplateStore() = default;

Result<TemplateSpec> TemplateStore::current() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT id, spec FROM templates ORDER BY id DESC LIMIT 1"));
    LOSSMITH_CHECK(select.run());
    if (!LOSSMITH_TRY(select.next())) return TemplateSpec{};
    return spec_from(select.text(1), select.integer(0));
}

Status TemplateStore::set_current(const TemplateSpec& spec, const std::string& name) {
    if (const auto errors = spec.validate(); !errors.empty()) return failure(joined(errors));
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    auto insert =
        LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "INSERT INTO templates (name, spec, created_at) VALUES (?, ?, ?)"));
    LOSSMITH_CHECK(insert.run(name, sql::stored(spec), sql::now()));
    if (name.empty()) {
        const std::int64_t id = insert.inserted_id();
        LOSSMITH_CHECK(sql::run(m_parts->database, "UPDATE templates SET name = ? WHERE id = ?", "template " + std::to_string(id), id));
    }
    return transaction.commit();
}

Result<std::vector<StoredTemplate>> TemplateStore::history() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT id, name, spec FROM templates ORDER BY id DESC"));
    LOSSMITH_CHECK(select.run());
    std::vector<StoredTemplate> templates;
    while (LOSSMITH_TRY(select.next()))
        templates.push_back({select.integer(0), select.text(1), LOSSMITH_TRY(spec_from(select.text(2), select.integer(0)))});
    return templates;
}

}  // namespace lossmith
