// What every format is read as: records with a line, cells in the order of the columns, and perhaps a fault.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/data/Import.h"

namespace lossmith {

struct RecordFault {
    AsideReason reason = AsideReason::Ragged;
    std::string message;
};

struct Record {
    std::int64_t line = 0;
    std::vector<std::optional<std::string>>
        cells;        ///< one for each column, absent where the record lacks it; of a ragged one what there is
    std::string raw;  ///< for showing: valid UTF-8, at most raw_limit bytes
    std::optional<RecordFault> fault;
};

inline constexpr std::size_t raw_limit = 2'000;

class RecordReader {
public:
    virtual ~RecordReader() = default;

    [[nodiscard]] virtual const std::vector<std::string>& columns() const = 0;

    /// False at the end.
    [[nodiscard]] virtual Result<bool> next(Record& record) = 0;

    /// Bytes of the file (or files) read so far, and in all.
    [[nodiscard]] virtual std::int64_t bytes_read() const = 0;
    [[nodiscard]] virtual std::int64_t bytes_in_all() const = 0;
};

/// The reader for complete options.
[[nodiscard]] Result<std::unique_ptr<RecordReader>> open_records(const std::filesystem::path& path, const ImportOptions& options,
                                                                 const CancellationToken& cancelled);

/// Text for showing: bytes that are not UTF-8, and NUL, become U+FFFD; at most raw_limit bytes.
[[nodiscard]] std::string shown_text(std::string_view text);

/// The fault of a cell that is no text: undecodable bytes or a NUL.
[[nodiscard]] std::optional<RecordFault> cell_fault(std::string_view cell);

/// Names for the columns of a header: trimmed, empty ones numbered, repeated ones told apart.
[[nodiscard]] std::vector<std::string> column_names(const std::vector<std::string>& header);

/// "column 1", "column 2", ….
[[nodiscard]] std::vector<std::string> numbered_columns(std::size_t count);

}  // namespace lossmith
