// Rows, where they came from, and what was set aside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/data/Import.h"
#include "core/data/LabelMask.h"
#include "core/data/Split.h"

class QSqlDatabase;

namespace lossmith {

struct DataSource {
    std::int64_t id = 0;
    std::string path;
    std::string imported_at;  ///< ISO 8601, UTC
    std::string sha256;
    ImportOptions options;
    std::vector<std::string> notes;  ///< what was guessed
    std::int64_t rows = 0;
    std::int64_t set_aside = 0;
};

struct Row {
    std::int64_t id = 0;
    std::int64_t source = 0;
    std::int64_t line = 0;
    std::string problem;
    std::string solution;
    std::map<std::string, std::string> others;
    Split split = Split::Train;
};

struct StoredAside {
    std::int64_t id = 0;
    std::int64_t source = 0;
    SetAsideRow row;
};

class DataStore {
public:
    explicit DataStore(const QSqlDatabase& database);
    ~DataStore();
    DataStore(const DataStore&) = delete;
    DataStore& operator=(const DataStore&) = delete;

    /// Streams a file into the project in one transaction: all of it or, on error and cancel, nothing.
    /// `forced_split`: every row goes to this split instead of by hash (a held-out file).
    [[nodiscard]] Result<DataSource> import_file(const std::filesystem::path& path, const ImportGuess& guess,
                                                 std::optional<Split> forced_split = {}, const ProgressSink& progress = {},
                                                 const CancellationToken& cancelled = {});

    [[nodiscard]] Result<std::vector<DataSource>> sources() const;
    [[nodiscard]] Status remove_source(std::int64_t source);

    [[nodiscard]] Result<std::int64_t> count(std::optional<Split> split = {}) const;
    /// NotFound when there is no such row.
    [[nodiscard]] Result<Row> row(std::int64_t id) const;
    /// In id order, from the `offset`th on; `limit` < 0: all.
    [[nodiscard]] Result<std::vector<Row>> rows(std::optional<Split> split = {}, std::int64_t limit = -1, std::int64_t offset = 0) const;
    [[nodiscard]] Result<std::vector<StoredAside>> set_aside(std::int64_t limit = -1, std::int64_t offset = 0) const;

    /// A set-aside row mended by hand becomes a row.
    [[nodiscard]] Status mend(std::int64_t aside, const std::string& problem, const std::string& solution);

    /// The rule for rows split by hash; setting it moves them, forced ones stay.
    [[nodiscard]] Result<SplitConfig> split_config() const;
    [[nodiscard]] Status set_split_config(const SplitConfig& config);

    /// Labels by hand, of the rows that have any.
    [[nodiscard]] Result<std::map<std::int64_t, RowLabels>> labels_by_hand() const;
    /// In place of the row's earlier ones; none: the template's rule alone again. NotFound when there is no such row.
    [[nodiscard]] Status set_labels(std::int64_t row, const RowLabels& labels);

    /// A digest of all rows, their splits and labels by hand, recorded with each run.
    [[nodiscard]] Result<std::string> digest() const;

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
