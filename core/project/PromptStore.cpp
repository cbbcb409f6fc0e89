// The prompts and generations tables.
#include "core/project/PromptStore.h"

#include <QSqlDatabase>

#include "core/base/Files.h"
#include "core/project/Sql.h"

namespace lossmith {

namespace {

constexpr const char* generation_columns = "SELECT id, model, weights, prompt, settings, text, details, created_at FROM generations ";

/// One short key for the three that decide a text. JSON objects are sorted by name, so equal settings give equal bytes.
std::string lookup_key(const std::string& weights, const std::string& prompt, const SamplingConfig& settings) {
    return sha256_of(sql::stored(Json::array({weights, prompt, settings})));
}

Result<Generation> generation_from(const sql::Statement& row) {
    const std::string name = "generation " + std::to_string(row.integer(0));
    Generation generation;
    generation.id = row.integer(0);
    generation.model = row.text(1);
    generation.weights = row.text(2);
    generation.prompt = row.text(3);
    const Json settings = LOSSMITH_TRY(parse_json(row.text(4), name));
    generation.settings = LOSSMITH_TRY(sampling_config_from_json(settings));
    generation.text = row.text(5);
    generation.details = LOSSMITH_TRY(parse_json(row.text(6), name));
    generation.created_at = row.text(7);
    return generation;
}

}  // namespace

struct PromptStore::Parts {
    QSqlDatabase database;
};

PromptStore::PromptStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
PromptStore::~PromptStore() = default;

Result<std::vector<StoredPrompt>> PromptStore::prompts() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT id, problem, solution FROM prompts ORDER BY id"));
    LOSSMITH_CHECK(select.run());
    std::vector<StoredPrompt> prompts;
    while (LOSSMITH_TRY(select.next())) prompts.push_back({select.integer(0), select.text(1), select.text(2)});
    return prompts;
}

Status PromptStore::add_prompt(const std::string& problem, const std::string& solution) {
    if (problem.empty()) return failure(Error::bad_input("A prompt needs a problem."));
    return sql::run(m_parts->database, "INSERT INTO prompts (problem, solution) VALUES (?, ?)", problem, solution);
}

Status PromptStore::remove_prompt(std::int64_t prompt) {
    auto statement = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "DELETE FROM prompts WHERE id = ?"));
    LOSSMITH_CHECK(statement.run(prompt));
    if (statement.rows_changed() == 0) return failure(Error::not_found("There is no prompt " + std::to_string(prompt) + "."));
    return {};
}

Status PromptStore::add_generation(const Generation& generation) {
    return sql::run(m_parts->database,
                    "INSERT INTO generations (lookup, model, weights, prompt, settings, text, details, created_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    lookup_key(generation.weights, generation.prompt, generation.settings), generation.model, generation.weights,
                    generation.prompt, sql::stored(generation.settings), generation.text, sql::stored(generation.details),
                    generation.created_at.empty() ? sql::now() : generation.created_at);
}

Result<std::vector<Generation>> PromptStore::generations(std::int64_t limit, const std::string& source) const {
    const std::string query =
        std::string(generation_columns) + "WHERE ? = '' OR json_extract(details, '$.source') = ? ORDER BY id DESC LIMIT ?";
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, query.c_str()));
    LOSSMITH_CHECK(select.run(source, source, limit));
    std::vector<Generation> generations;
    while (LOSSMITH_TRY(select.next())) generations.push_back(LOSSMITH_TRY(generation_from(select)));
    return generations;
}

Result<std::optional<Generation>> PromptStore::find_generation(const std::string& weights, const std::string& prompt,
                                                               const SamplingConfig& settings) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, (std::string(generation_columns) + "WHERE lookup = ? ORDER BY id DESC LIMIT 1").c_str()));
    LOSSMITH_CHECK(select.run(lookup_key(weights, prompt, settings)));
    if (!LOSSMITH_TRY(select.next())) return std::nullopt;
    return LOSSMITH_TRY(generation_from(select));
}

}  // namespace lossmith
