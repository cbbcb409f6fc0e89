// One JSON object a line. Its texts are cells as they are; anything else is a cell as JSON.
#pragma once

#include <memory>

#include "core/data/LineReader.h"
#include "core/data/RecordReader.h"

namespace lossmith {

class JsonLinesReader final : public RecordReader {
public:
    /// The columns are the keys of the objects in the first mebibyte, in the order in which they first occur.
    [[nodiscard]] static Result<std::unique_ptr<RecordReader>> open(const std::filesystem::path& path, const ImportOptions& options,
                                                                    const CancellationToken& cancelled);

    [[nodiscard]] const std::vector<std::string>& columns() const override { return m_columns; }
    [[nodiscard]] Result<bool> next(Record& record) override;
    [[nodiscard]] std::int64_t bytes_read() const override { return m_source.file_bytes_read(); }
    [[nodiscard]] std::int64_t bytes_in_all() const override { return m_source.file_size(); }

private:
    JsonLinesReader(TextSource source, std::vector<std::string> columns, std::int64_t longest_cell);

    TextSource m_source;
    LineReader m_lines;
    std::vector<std::string> m_columns;
    std::int64_t m_longest_cell;
};

/// The keys of the objects in a sample of JSON lines, in the order in which they first occur.
[[nodiscard]] std::vector<std::string> json_lines_columns(const std::string& sample, bool whole);

}  // namespace lossmith
