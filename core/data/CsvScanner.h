// Delimited text cut into records and cells (RFC 4180, taken loosely), with the physical line of each record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/data/TextSource.h"

namespace lossmith {

struct CsvDialect {
    char delimiter = ',';
    char quote = '"';
    bool lone_cr_ends_lines = false;  ///< a carriage return without line feed ends a record; else it is text
};

struct CsvLimits {
    std::size_t cell_bytes = 200'000;
    std::size_t record_bytes = 16U << 20U;
    std::size_t cells = 1U << 20U;  ///< further cells are counted and not kept
    std::size_t raw_bytes = 2'000;
};

/// A place in the text, and the number of the line that it begins.
struct LineStart {
    std::int64_t position = 0;
    std::int64_t line = 1;
};

struct CsvRecord {
    LineStart begin;
    std::vector<std::string> cells;
    std::vector<bool> quoted;    ///< for each kept cell
    std::size_t cell_count = 0;  ///< the kept ones and those beyond CsvLimits::cells
    std::string raw;             ///< as it stands in the text, up to CsvLimits::raw_bytes
    bool over_long = false;
    int stray_quotes = 0;  ///< quotes inside a quoted cell that are neither doubled nor at its end

    /// A quote was opened that ends nowhere, or where it cannot: the text ended, or on a later line a cell seems to open.
    bool open_quote = false;
    LineStart second_line;   ///< the line after the one the record begins on; with open_quote only
    LineStart suspect_line;  ///< the line on which another cell seems to open, or the text's end; with open_quote only
};

/// How often each kind of line end closed a record.
struct LineEnds {
    std::int64_t line_feeds = 0;  ///< CR LF counts here
    std::int64_t lone_carriage_returns = 0;
};

/// Keeps cells byte for byte, line ends inside quotes too. Rules beyond RFC 4180: blanks between a delimiter and a quote do not
/// count; a quote inside an unquoted cell is text; so is one inside a quoted cell that neither doubles nor ends it, and the cell
/// then ends at the next delimiter. Lines with nothing but blanks are passed over. It never keeps more than its limits say.
class CsvScanner {
public:
    CsvScanner(TextSource& source, const CsvDialect& dialect, const CsvLimits& limits = {});

    /// False at the end of the text.
    [[nodiscard]] Result<bool> next(CsvRecord& record);

    /// Goes on from another line; the source is moved there.
    [[nodiscard]] Status go_to(const LineStart& place);

    [[nodiscard]] const LineEnds& line_ends() const { return m_line_ends; }
    void limit_cells(std::size_t cells) { m_limits.cells = cells; }

private:
    enum class State { CellStart, Unquoted, Quoted, QuoteSeen, ReturnSeen };
    enum class Step { GoOn, RecordEnds, OpenQuote };

    Step scan(std::string_view text, std::size_t& used, CsvRecord& record);
    void scan_quoted(std::string_view text, std::size_t& place, CsvRecord& record);
    Step after_quote(char c, CsvRecord& record);
    void keep(std::string_view text, CsvRecord& record);
    void end_cell(CsvRecord& record);
    void begin_line(std::int64_t position);
    [[nodiscard]] bool finish(CsvRecord& record);
    [[nodiscard]] bool is_blank(const CsvRecord& record) const;

    TextSource& m_source;
    CsvDialect m_dialect;
    CsvLimits m_limits;
    LineEnds m_line_ends;

    State m_state = State::CellStart;
    std::string m_cell;
    bool m_cell_quoted = false;
    bool m_cell_stray = false;  ///< the cell began with a quote and went on after another
    bool m_cell_has_line_end = false;
    std::string m_blanks;        ///< after a quote that may end the cell
    char m_before_quote = '\0';  ///< the character before the quote that may end the cell; what a quoted cell saw last
    std::size_t m_kept_bytes = 0;
    LineStart m_line;  ///< the line being read
    LineStart m_second_line;
    bool m_has_second_line = false;
    bool m_skip_line_feed = false;  ///< the line feed of a CR LF whose CR has ended the line already
};

}  // namespace lossmith
