#include "core/data/CsvReader.h"

#include <algorithm>

#include "core/data/SampleText.h"

namespace lossmith {
namespace {

constexpr std::size_t most_columns = 1U << 20U;

CsvLimits limits_for(const ImportOptions& options) {
    CsvLimits limits;
    limits.cell_bytes = static_cast<std::size_t>(options.longest_cell) + 1;
    limits.record_bytes = 8 * limits.cell_bytes + (1U << 20U);
    limits.cells = most_columns;
    limits.raw_bytes = raw_limit;
    return limits;
}

std::string counted(std::size_t count, const char* thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

Result<bool> lone_cr_ends_lines(const std::string& sample, const CsvDialect& dialect) {
    if (sample.find('\r') == std::string::npos) return false;
    CsvDialect with_lone_cr = dialect;
    with_lone_cr.lone_cr_ends_lines = true;
    TextSource source = TextSource::from_text(sample);
    CsvScanner scanner(source, with_lone_cr);
    CsvRecord record;
    while (LOSSMITH_TRY(scanner.next(record))) {
    }
    return scanner.line_ends().lone_carriage_returns > scanner.line_ends().line_feeds;
}

CsvReader::CsvReader(TextSource source, const CsvDialect& dialect, const ImportOptions& options)
    : m_source(std::move(source)),
      m_dialect(dialect),
      m_limits(limits_for(options)),
      m_scanner(m_source, m_dialect, m_limits),
      m_longest_cell(options.longest_cell),
      m_second_looks_left(4 * m_source.file_size() + (16 << 20)) {}

Result<std::unique_ptr<RecordReader>> CsvReader::open(const std::filesystem::path& path, const ImportOptions& options,
                                                      const CancellationToken& cancelled) {
    if (!options.delimiter || !options.quote || !options.header)
        return failure(Error::bad_input("The delimiter, the quote and whether there is a header are not set."));
    CsvDialect dialect{*options.delimiter, *options.quote, false};
    const auto ends_line = [](char c) { return c == '\n' || c == '\r' || c == '\0'; };
    if (dialect.delimiter == dialect.quote || ends_line(dialect.delimiter) || ends_line(dialect.quote))
        return failure(Error::bad_input("The delimiter and the quote must be two different characters, and no line ends."));
    const SampleText sample = LOSSMITH_TRY(read_sample(path, *options.encoding, cancelled));
    dialect.lone_cr_ends_lines = LOSSMITH_TRY(lone_cr_ends_lines(sample.text, dialect));
    TextSource source = LOSSMITH_TRY(TextSource::open(path, *options.encoding, cancelled));
    std::unique_ptr<CsvReader> reader(new CsvReader(std::move(source), dialect, options));
    LOSSMITH_CHECK(reader->read_header(*options.header));
    return reader;
}

Status CsvReader::read_header(bool header) {
    CsvRecord first;
    if (!LOSSMITH_TRY(m_scanner.next(first)))
        return failure(Error::bad_input("The file is empty.").with_hint("Choose a file with at least one row."));
    if (first.cell_count > most_columns)
        return failure(Error::bad_input("The first line has more than a million cells.").at_line(first.begin.line));
    if (header && first.open_quote)
        return failure(
            Error::bad_input("A quote in the header is never closed.").with_hint("Close it, or choose another quote.").at_line(1));
    m_columns = header ? column_names(first.cells) : numbered_columns(first.cell_count);
    if (!header) LOSSMITH_CHECK(m_scanner.go_to(first.begin));
    // One more than there are columns is enough to tell a ragged row.
    m_scanner.limit_cells(m_columns.size() + 1);
    return {};
}

void CsvReader::take_cells(CsvRecord& scanned, Record& record) const {
    if (scanned.cell_count != m_columns.size()) {
        record.fault = RecordFault{AsideReason::Ragged,
                                   counted(scanned.cell_count, "cell") + " where there are " + counted(m_columns.size(), "column") + "."};
        // For showing, with the columns that are there.
        for (auto& cell : scanned.cells) record.cells.emplace_back(std::move(cell));
        return;
    }
    const auto too_long = [&](const std::string& cell) { return cell.size() > static_cast<std::size_t>(m_longest_cell); };
    if (const auto cell = std::find_if(scanned.cells.begin(), scanned.cells.end(), too_long); cell != scanned.cells.end()) {
        const auto column = static_cast<std::size_t>(cell - scanned.cells.begin());
        record.fault = RecordFault{AsideReason::OverLong, "The cell in column \"" + m_columns[column] + "\" is longer than " +
                                                              std::to_string(m_longest_cell) + " bytes."};
        return;
    }
    if (scanned.over_long) {
        record.fault =
            RecordFault{AsideReason::OverLong, "The whole row is longer than " + std::to_string(m_limits.record_bytes) + " bytes."};
        return;
    }
    for (auto& cell : scanned.cells) {
        if (!record.fault) record.fault = cell_fault(cell);
        record.cells.emplace_back(std::move(cell));
    }
}

Result<bool> CsvReader::next(Record& record) {
    CsvRecord scanned;
    if (!LOSSMITH_TRY(m_scanner.next(scanned))) return false;
    record = Record{};
    record.line = scanned.begin.line;
    if (scanned.open_quote) {
        LOSSMITH_CHECK(recover(scanned, record));
        return true;
    }
    take_cells(scanned, record);
    record.raw = shown_text(scanned.raw);
    return true;
}

/// The lines that the open quote swallowed are rows when read alone, or the rest of its cell. Rows mostly have as many cells as
/// there are columns; the rest of a cell seldom does.
Status CsvReader::recover(const CsvRecord& broken, Record& record) {
    const LineStart& second = broken.second_line;
    const LineStart& suspect = broken.suspect_line;
    const bool rows = second.position < suspect.position && LOSSMITH_TRY(lines_are_rows(second, suspect));
    const LineStart& go_on = rows ? second : suspect;
    LOSSMITH_CHECK(m_scanner.go_to(go_on));

    const std::int64_t lines = go_on.line - broken.begin.line;
    std::string message = "A quote on this line is never closed.";
    if (lines == 2) message = "A quote on this line is never closed; the line after it is set aside with it.";
    if (lines > 2)
        message = "A quote on this line is never closed; the " + std::to_string(lines - 1) + " lines after it are set aside with it.";
    record.fault = RecordFault{AsideReason::OpenQuote, std::move(message)};
    const auto raw_bytes = static_cast<std::size_t>(std::min<std::int64_t>(go_on.position - broken.begin.position, raw_limit));
    std::string raw = broken.raw.substr(0, raw_bytes);
    while (!raw.empty() && (raw.back() == '\n' || raw.back() == '\r')) raw.pop_back();
    record.raw = shown_text(raw);
    return {};
}

Result<bool> CsvReader::lines_are_rows(const LineStart& from, const LineStart& upto) {
    const std::int64_t bytes = upto.position - from.position;
    if (m_columns.size() < 2 || bytes > m_second_looks_left) return false;
    CsvScanner trial(m_source, m_dialect, m_limits);
    trial.limit_cells(1);
    LOSSMITH_CHECK(trial.go_to(from));
    std::int64_t records = 0;
    std::int64_t good = 0;
    CsvRecord scanned;
    while (LOSSMITH_TRY(trial.next(scanned)) && scanned.begin.position < upto.position) {
        ++records;
        if (!scanned.open_quote) good += scanned.cell_count == m_columns.size() ? 1 : 0;
        // Another open quote among them: what follows it is judged when it is read itself.
        if (scanned.open_quote) LOSSMITH_CHECK(trial.go_to(scanned.suspect_line));
    }
    // The last record may have run on beyond `upto`.
    m_second_looks_left -= std::max(bytes, m_source.position() - from.position);
    return good > 0 && good * 5 >= records * 4;
}

}  // namespace lossmith
