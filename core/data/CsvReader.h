// CSV records by the header's columns. A quote that is never closed costs its own record, not the rows after it.
#pragma once

#include <memory>

#include "core/data/CsvScanner.h"
#include "core/data/RecordReader.h"
#include "core/data/TextSource.h"

namespace lossmith {

class CsvReader final : public RecordReader {
public:
    [[nodiscard]] static Result<std::unique_ptr<RecordReader>> open(const std::filesystem::path& path, const ImportOptions& options,
                                                                    const CancellationToken& cancelled);

    [[nodiscard]] const std::vector<std::string>& columns() const override { return m_columns; }
    [[nodiscard]] Result<bool> next(Record& record) override;
    [[nodiscard]] std::int64_t bytes_read() const override { return m_source.file_bytes_read(); }
    [[nodiscard]] std::int64_t bytes_in_all() const override { return m_source.file_size(); }

private:
    CsvReader(TextSource source, const CsvDialect& dialect, const ImportOptions& options);
    [[nodiscard]] Status read_header(bool header);
    [[nodiscard]] Status recover(const CsvRecord& broken, Record& record);
    [[nodiscard]] Result<bool> lines_are_rows(const LineStart& from, const LineStart& upto);
    void take_cells(CsvRecord& scanned, Record& record) const;

    TextSource m_source;
    CsvDialect m_dialect;
    CsvLimits m_limits;
    CsvScanner m_scanner;
    std::vector<std::string> m_columns;
    std::int64_t m_longest_cell;
    std::int64_t m_second_looks_left;  ///< bytes that may still be read again, so that a hostile file costs linear time
};

/// Whether a carriage return alone ends lines in this text: when more records end so than with a line feed.
[[nodiscard]] Result<bool> lone_cr_ends_lines(const std::string& sample, const CsvDialect& dialect);

}  // namespace lossmith
