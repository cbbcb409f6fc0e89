// A file's rows into the project, all of them or none.
#include <QSqlDatabase>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>

#include "core/base/Sha256.h"
#include "core/project/DataStore.h"
#include "core/project/DataStoreParts.h"
#include "core/project/Sql.h"

namespace lossmith {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1U << 20U;
constexpr std::size_t longest_raw = 2000;

/// SHA-256 of a file as sha256sum gives it; of a folder, of its files' names and bytes in name order.
class SourceDigest {
public:
    SourceDigest(const ProgressSink& progress, const CancellationToken& cancelled) : m_progress(progress), m_cancelled(cancelled) {}

    [[nodiscard]] Result<std::string> of(const fs::path& path) {
        std::error_code problem;
        if (!fs::is_directory(path, problem)) {
            m_total = static_cast<std::int64_t>(fs::file_size(path, problem));
            LOSSMITH_CHECK(add(path));
        } else {
            std::set<fs::path> files;
            for (const auto& entry : fs::directory_iterator(path, problem)) {
                if (!entry.is_regular_file(problem)) continue;
                files.insert(entry.path());
                m_total += static_cast<std::int64_t>(entry.file_size(problem));
            }
            for (const fs::path& file : files) {
                m_hash.add(file.filename().string() + '\n');
                LOSSMITH_CHECK(add(file));
            }
        }
        return m_hash.hex();
    }

private:
    [[nodiscard]] Status add(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) return failure(Error::io("It cannot be read: " + std::string(std::strerror(errno)) + ".").in_file(path.string()));
        std::string piece(piece_bytes, '\0');
        while (file) {
            if (m_cancelled.is_cancelled()) return failure(Error::cancelled());
            file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            m_hash.add({piece.data(), static_cast<std::size_t>(file.gcount())});
            m_done += file.gcount();
            if (m_progress) m_progress({"taking its digest", m_done, m_total});
        }
        if (file.bad()) return failure(Error::io("It cannot be read to its end.").in_file(path.string()));
        return {};
    }

    const ProgressSink& m_progress;
    const CancellationToken& m_cancelled;
    Sha256 m_hash;
    std::int64_t m_done = 0;
    std::int64_t m_total = 0;
};

/// The contents of the rows already there, sorted: eight bytes a row.
Result<std::vector<std::int64_t>> known_contents(const QSqlDatabase& database) {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(database, "SELECT content FROM rows"));
    LOSSMITH_CHECK(select.run());
    std::vector<std::int64_t> contents;
    while (LOSSMITH_TRY(select.next())) contents.push_back(select.integer(0));
    std::sort(contents.begin(), contents.end());
    return contents;
}

/// At most `limit` bytes, not ending within a character.
std::string shortened(std::string text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
    text.resize(limit);
    return text;
}

/// After a large transaction the log is as large as it; given back when nobody reads from it.
void cut_log_back(const QSqlDatabase& database) {
    static_cast<void>(sql::run(database, "PRAGMA wal_checkpoint(TRUNCATE)"));
}

Result<DataSource> import_within(const QSqlDatabase& database, DataSource source, std::optional<Split> forced_split,
                                 const ProgressSink& progress, const CancellationToken& cancelled) {
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(database));
    const SplitConfig config = LOSSMITH_TRY(recorded_split_config(database));
    std::vector<std::int64_t> known;
    if (!source.options.keep_duplicates) known = LOSSMITH_TRY(known_contents(database));

    auto insert_source = LOSSMITH_TRY(sql::Statement::prepare(
        database, "INSERT INTO sources (path, imported_at, sha256, options, notes, forced_split) VALUES (?, ?, ?, ?, ?, ?)"));
    const std::optional<std::int64_t> forced =
        forced_split ? std::optional<std::int64_t>(static_cast<std::int64_t>(*forced_split)) : std::nullopt;
    LOSSMITH_CHECK(
        insert_source.run(source.path, source.imported_at, source.sha256, sql::stored(source.options), sql::stored(source.notes), forced));
    source.id = insert_source.inserted_id();

    auto writer = LOSSMITH_TRY(RowWriter::prepare(database));
    auto insert_aside = LOSSMITH_TRY(
        sql::Statement::prepare(database, "INSERT INTO set_aside (source, line, reason, message, raw) VALUES (?, ?, ?, ?, ?)"));
    const auto set_aside = [&](const SetAsideRow& row) -> Status {
        ++source.set_aside;
        return insert_aside.run(source.id, row.line, std::string(name_of(row.reason)), row.message, row.raw);
    };
    const RowSink sink{
        [&](const SourceRow& row) -> Status {
            const std::int64_t content = content_of(row.problem, row.solution);
            if (std::binary_search(known.begin(), known.end(), content)) {
                return set_aside({row.line, AsideReason::Duplicate, "The project has a row with this problem and solution already.",
                                  shortened(row.problem + "\n" + row.solution, longest_raw)});
            }
            ++source.rows;
            return writer.write(source.id, row, content, forced_split ? *forced_split : split_of(config, row.problem, row.solution),
                                forced_split.has_value());
        },
        set_aside};
    LOSSMITH_TRY(read_rows(source.path, source.options, sink, progress, cancelled));
    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    LOSSMITH_CHECK(sql::run(database, "UPDATE sources SET rows = ?, set_aside = ? WHERE id = ?", source.rows, source.set_aside, source.id));
    LOSSMITH_CHECK(transaction.commit());
    return source;
}

}  // namespace

Result<DataSource> DataStore::import_file(const fs::path& path, const ImportGuess& guess, std::optional<Split> forced_split,
                                          const ProgressSink& progress, const CancellationToken& cancelled) {
    std::error_code problem;
    fs::path whole = fs::absolute(path, problem);
    if (problem) whole = path;
    DataSource source;
    source.path = whole.lexically_normal().string();
    source.imported_at = sql::now();
    source.options = guess.options;
    source.notes = guess.notes;
    source.sha256 = LOSSMITH_TRY(SourceDigest(progress, cancelled).of(path));
    auto imported = import_within(m_parts->database, std::move(source), forced_split, progress, cancelled);
    cut_log_back(m_parts->database);
    return imported;
}

}  // namespace lossmith
