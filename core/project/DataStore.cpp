// Asking for rows, sources and set-aside rows, mending, and moving rows between splits.
#include "core/project/DataStore.h"

#include <QSqlDatabase>
#include <array>
#include <utility>

#include "core/base/Sha256.h"
#include "core/data/ContentHash.h"
#include "core/project/DataStoreParts.h"
#include "core/project/Joined.h"
#include "core/project/Sql.h"

namespace lossmith {

namespace {

constexpr std::array all_reasons = {AsideReason::Ragged,    AsideReason::Empty,    AsideReason::Duplicate, AsideReason::Undecodable,
                                    AsideReason::OpenQuote, AsideReason::OverLong, AsideReason::NotJson,   AsideReason::MissingColumn};

std::int64_t number_of(Split split) {
    return static_cast<std::int64_t>(split);
}

Result<Split> split_from(std::int64_t number) {
    if (number >= number_of(Split::Train) && number <= number_of(Split::Test)) return static_cast<Split>(number);
    return failure(Error::bad_input("The project file is damaged: a row has the unknown split " + std::to_string(number) + "."));
}

Result<std::map<std::string, std::string>> others_from(const std::string& text, std::int64_t row) {
    std::map<std::string, std::string> others;
    if (text.empty()) return others;
    const Json json = LOSSMITH_TRY(parse_json(text, "row " + std::to_string(row)));
    for (const auto& [name, value] : json.items())
        if (value.is_string()) others.emplace(name, value.get<std::string>());
    return others;
}

Result<DataSource> source_from(const sql::Statement& row) {
    const std::string label = "source " + std::to_string(row.integer(0));
    DataSource source;
    source.id = row.integer(0);
    source.path = row.text(1);
    source.imported_at = row.text(2);
    source.sha256 = row.text(3);
    const Json options = LOSSMITH_TRY(parse_json(row.text(4), label));
    source.options = LOSSMITH_TRY(import_options_from_json(options));
    const Json notes = LOSSMITH_TRY(parse_json(row.text(5), label));
    for (const Json& note : notes)
        if (note.is_string()) source.notes.push_back(note.get<std::string>());
    source.rows = row.integer(6);
    source.set_aside = row.integer(7);
    return source;
}

/// Of id, source, line, problem, solution, others, split.
Result<Row> row_from(sql::Statement& select) {
    auto others = LOSSMITH_TRY(others_from(select.text(5), select.integer(0)));
    const Split split = LOSSMITH_TRY(split_from(select.integer(6)));
    return Row{select.integer(0), select.integer(1), select.integer(2), select.text(3), select.text(4), std::move(others), split};
}

}  // namespace

std::int64_t content_of(const std::string& problem, const std::string& solution) {
    return static_cast<std::int64_t>(content_hash(solution, content_hash(problem).low).low);
}

Result<SplitConfig> recorded_split_config(const QSqlDatabase& database) {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(database, "SELECT value FROM settings WHERE name = 'split'"));
    LOSSMITH_CHECK(select.run());
    if (!LOSSMITH_TRY(select.next())) return SplitConfig{};
    return split_config_from_json(LOSSMITH_TRY(parse_json(select.text(0), "split")));
}

Result<RowWriter> RowWriter::prepare(const QSqlDatabase& database) {
    return RowWriter(LOSSMITH_TRY(sql::Statement::prepare(
        database, "INSERT INTO rows (source, line, problem, solution, others, split, forced, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")));
}

Status RowWriter::write(std::int64_t source, const SourceRow& row, std::int64_t content, Split split, bool forced) {
    return m_insert.run(source, row.line, row.problem, row.solution, row.others.empty() ? std::string() : sql::stored(row.others),
                        number_of(split), std::int64_t{forced}, content);
}

DataStore::DataStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
DataStore::~DataStore() = default;

Result<std::vector<DataSource>> DataStore::sources() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, "SELECT id, path, imported_at, sha256, options, notes, rows, set_aside FROM sources ORDER BY id"));
    LOSSMITH_CHECK(select.run());
    std::vector<DataSource> sources;
    while (LOSSMITH_TRY(select.next())) sources.push_back(LOSSMITH_TRY(source_from(select)));
    return sources;
}

Status DataStore::remove_source(std::int64_t source) {
    auto statement = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "DELETE FROM sources WHERE id = ?"));
    LOSSMITH_CHECK(statement.run(source));
    if (statement.rows_changed() == 0)
        return failure(Error::not_found("There is no source " + std::to_string(source) + " in this project."));
    return {};
}

Result<std::int64_t> DataStore::count(std::optional<Split> split) const {
    const auto found = split ? sql::first_integer(m_parts->database, "SELECT count(*) FROM rows WHERE split = ?", number_of(*split))
                             : sql::first_integer(m_parts->database, "SELECT count(*) FROM rows");
    return LOSSMITH_TRY(found).value_or(0);
}

Result<std::vector<Row>> DataStore::rows(std::optional<Split> split, std::int64_t limit, std::int64_t offset) const {
    // The rows passed over are counted in the index alone, without reading their text.
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, split ? "SELECT id, source, line, problem, solution, others, split FROM rows WHERE split = ? AND id >="
                                   " (SELECT id FROM rows WHERE split = ? ORDER BY id LIMIT 1 OFFSET ?) ORDER BY id LIMIT ?"
                                 : "SELECT id, source, line, problem, solution, others, split FROM rows WHERE id >="
                                   " (SELECT id FROM rows ORDER BY id LIMIT 1 OFFSET ?) ORDER BY id LIMIT ?"));
    LOSSMITH_CHECK(split ? select.run(number_of(*split), number_of(*split), offset, limit) : select.run(offset, limit));
    std::vector<Row> rows;
    while (LOSSMITH_TRY(select.next())) {
        rows.push_back(LOSSMITH_TRY(row_from(select)));
    }
    return rows;
}

Result<Row> DataStore::row(std::int64_t id) const {
    auto select = LOSSMITH_TRY(
        sql::Statement::prepare(m_parts->database, "SELECT id, source, line, problem, solution, others, split FROM rows WHERE id = ?"));
    LOSSMITH_CHECK(select.run(id));
    if (!LOSSMITH_TRY(select.next())) return failure(Error::not_found("There is no row " + std::to_string(id) + " in this project."));
    return row_from(select);
}

Result<std::vector<StoredAside>> DataStore::set_aside(std::int64_t limit, std::int64_t offset) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, "SELECT id, source, line, reason, message, raw FROM set_aside ORDER BY id LIMIT ? OFFSET ?"));
    LOSSMITH_CHECK(select.run(limit, offset));
    std::vector<StoredAside> set_aside;
    while (LOSSMITH_TRY(select.next())) {
        StoredAside aside{select.integer(0), select.integer(1), {select.integer(2), AsideReason::Ragged, select.text(4), select.text(5)}};
        for (const AsideReason reason : all_reasons)
            if (select.text(3) == name_of(reason)) aside.row.reason = reason;
        set_aside.push_back(std::move(aside));
    }
    return set_aside;
}

Status DataStore::mend(std::int64_t aside, const std::string& problem, const std::string& solution) {
    if (solution.empty()) return failure(Error::bad_input("A row needs a solution."));
    const QSqlDatabase& database = m_parts->database;
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(database));
    std::int64_t source = 0;
    SourceRow row{0, problem, solution, {}};
    std::optional<Split> forced;
    {
        auto select = LOSSMITH_TRY(sql::Statement::prepare(
            database, "SELECT s.source, s.line, f.forced_split FROM set_aside AS s JOIN sources AS f ON f.id = s.source WHERE s.id = ?"));
        LOSSMITH_CHECK(select.run(aside));
        if (!LOSSMITH_TRY(select.next()))
            return failure(Error::not_found("There is no set-aside row " + std::to_string(aside) + "; it may have been mended already."));
        source = select.integer(0);
        row.line = select.integer(1);
        if (!select.is_null(2)) forced = LOSSMITH_TRY(split_from(select.integer(2)));
    }
    const SplitConfig config = LOSSMITH_TRY(recorded_split_config(database));
    auto writer = LOSSMITH_TRY(RowWriter::prepare(database));
    LOSSMITH_CHECK(writer.write(source, row, content_of(problem, solution), forced ? *forced : split_of(config, problem, solution),
                                forced.has_value()));
    LOSSMITH_CHECK(sql::run(database, "DELETE FROM set_aside WHERE id = ?", aside));
    LOSSMITH_CHECK(sql::run(database, "UPDATE sources SET rows = rows + 1, set_aside = set_aside - 1 WHERE id = ?", source));
    return transaction.commit();
}

Result<SplitConfig> DataStore::split_config() const {
    return recorded_split_config(m_parts->database);
}

Status DataStore::set_split_config(const SplitConfig& config) {
    if (const auto errors = config.validate(); !errors.empty()) return failure(joined(errors));
    const QSqlDatabase& database = m_parts->database;
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(database));
    if (LOSSMITH_TRY(recorded_split_config(database)) == config) return {};
    LOSSMITH_CHECK(sql::run(database, "INSERT OR REPLACE INTO settings (name, value) VALUES ('split', ?)", sql::stored(config)));
    std::vector<std::pair<std::int64_t, Split>> moved;
    {
        auto select = LOSSMITH_TRY(sql::Statement::prepare(database, "SELECT id, problem, split, solution FROM rows WHERE forced = 0"));
        LOSSMITH_CHECK(select.run());
        while (LOSSMITH_TRY(select.next())) {
            const Split split = split_of(config, select.text(1), select.text(3));
            if (number_of(split) != select.integer(2)) moved.emplace_back(select.integer(0), split);
        }
    }
    auto update = LOSSMITH_TRY(sql::Statement::prepare(database, "UPDATE rows SET split = ? WHERE id = ?"));
    for (const auto& [id, split] : moved) LOSSMITH_CHECK(update.run(number_of(split), id));
    return transaction.commit();
}

Result<std::string> DataStore::digest() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT split, content FROM rows ORDER BY split, id"));
    LOSSMITH_CHECK(select.run());
    Sha256 hash;
    while (LOSSMITH_TRY(select.next())) {
        const std::string line = std::to_string(select.integer(0)) + " " + std::to_string(select.integer(1)) + "\n";
        hash.add(line);
    }
    for (const auto& [row, labels] : LOSSMITH_TRY(labels_by_hand()))
        hash.add("labels " + std::to_string(row) + " " + sql::stored(row_labels_json(labels)) + "\n");
    return hash.hex();
}

}  // namespace lossmith
