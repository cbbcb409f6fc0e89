// Plain text as rows: a file, or a folder of .txt files in name order, cut at blank lines into pieces of a chosen length.
#pragma once

#include <memory>
#include <optional>

#include "core/data/RecordReader.h"
#include "core/data/TextSource.h"

namespace lossmith {

/// Paragraphs are joined while they fit; one that does not fit alone is cut at a line end, a sentence's end, a space, or between
/// two characters, in this order of liking. The columns are "text", and for a folder "file".
class PlainTextReader final : public RecordReader {
public:
    [[nodiscard]] static Result<std::unique_ptr<RecordReader>> open(const std::filesystem::path& path, const ImportOptions& options,
                                                                    const CancellationToken& cancelled);

    [[nodiscard]] const std::vector<std::string>& columns() const override { return m_columns; }
    [[nodiscard]] Result<bool> next(Record& record) override;
    [[nodiscard]] std::int64_t bytes_read() const override;
    [[nodiscard]] std::int64_t bytes_in_all() const override { return m_bytes_in_all; }

private:
    PlainTextReader() = default;
    [[nodiscard]] Result<bool> fill();
    void append(std::string_view text);

    std::vector<std::string> m_columns;
    std::vector<std::filesystem::path> m_files;
    std::size_t m_next_file = 0;
    bool m_is_folder = false;
    std::string m_encoding;
    CancellationToken m_cancelled;
    std::size_t m_row_bytes = 0;

    std::optional<TextSource> m_source;
    std::string m_text;           ///< read and not yet given out; line ends are LF
    bool m_after_return = false;  ///< the last character read was a CR, already turned into LF
    std::int64_t m_line = 1;      ///< the line that m_text begins on
    std::int64_t m_bytes_before = 0;
    std::int64_t m_bytes_in_all = 0;
};

/// The .txt files directly in a folder, in name order.
[[nodiscard]] Result<std::vector<std::filesystem::path>> text_files_in(const std::filesystem::path& folder);

}  // namespace lossmith
