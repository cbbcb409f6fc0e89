// Reading a user's file as problem/solution rows: guess, preview, then stream in bounded memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"

namespace lossmith {

enum class FileFormat { Csv, JsonLines, PlainText };  ///< TSV is Csv with a tab

/// How the file is read. What is absent is guessed by guess_import(); what is set is obeyed.
struct ImportOptions {
    std::optional<FileFormat> format;
    std::optional<std::string> encoding;  ///< "UTF-8", "UTF-16LE", "UTF-16BE", "windows-1252", … (uchardet's names)
    std::optional<char> delimiter;
    std::optional<char> quote;
    std::optional<bool> header;
    std::optional<std::string> problem;  ///< column name; without header "column 1", "column 2", …
    std::optional<std::string> solution;
    std::int64_t longest_cell = 200'000;  ///< bytes; a longer cell sets the row aside
    std::int64_t text_row_bytes = 4'000;  ///< plain text is cut into rows at blank lines, each at most about this long
    bool keep_duplicates = false;         ///< else a row equal to an earlier one (problem and solution) is set aside

    bool operator==(const ImportOptions&) const = default;
};

void to_json(Json& json, const ImportOptions& options);
[[nodiscard]] Result<ImportOptions> import_options_from_json(const Json& json);

/// Every option filled in, and why.
struct ImportGuess {
    ImportOptions options;  ///< complete
    std::vector<std::string> columns;
    std::vector<std::string> notes;  ///< sentences: "The text is windows-1252, told from its bytes.", …
};

/// Reads at most the first mebibyte.
[[nodiscard]] Result<ImportGuess> guess_import(const std::filesystem::path& path, const ImportOptions& wanted = {});

struct SourceRow {
    std::int64_t line = 0;  ///< where the row starts in the file, from one
    std::string problem;
    std::string solution;
    std::map<std::string, std::string> others;  ///< the other columns
};

enum class AsideReason { Ragged, Empty, Duplicate, Undecodable, OpenQuote, OverLong, NotJson, MissingColumn };
[[nodiscard]] const char* name_of(AsideReason reason);  ///< "ragged", "empty", …

struct SetAsideRow {
    std::int64_t line = 0;
    AsideReason reason = AsideReason::Ragged;
    std::string message;  ///< a sentence: "5 cells where the header has 4."
    std::string raw;      ///< the row's text as far as it could be decoded, at most 2,000 bytes
};

/// Where rows go as they are read. Returning an error ends the import with it.
struct RowSink {
    std::function<Status(SourceRow)> row;
    std::function<Status(SetAsideRow)> set_aside;
};

struct ImportCounts {
    std::int64_t rows = 0;
    std::int64_t set_aside = 0;
    std::int64_t bytes = 0;
};

/// Streams a file, or a folder of .txt files in name order (each row's `others` then holds "file"), through `sink`.
/// `options` must be complete (from guess_import). Progress is in bytes of the file(s).
[[nodiscard]] Result<ImportCounts> read_rows(const std::filesystem::path& path, const ImportOptions& options, const RowSink& sink,
                                             const ProgressSink& progress = {}, const CancellationToken& cancelled = {});

/// All cells of the first `rows` records as they are parsed, header excluded, and the raw lines they came from: for the import page.
struct ImportPreview {
    std::vector<std::string> raw_lines;
    std::vector<std::vector<std::string>> cells;
    std::vector<SetAsideRow> set_aside;
};
[[nodiscard]] Result<ImportPreview> preview_import(const std::filesystem::path& path, const ImportOptions& options, std::size_t rows);

}  // namespace lossmith
