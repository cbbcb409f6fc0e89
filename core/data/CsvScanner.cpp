#include "core/data/CsvScanner.h"

#include <algorithm>

namespace lossmith {
namespace {

bool is_blank_character(char c) {
    return c == ' ' || c == '\t';
}

bool only_blanks(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_blank_character);
}

}  // namespace

CsvScanner::CsvScanner(TextSource& source, const CsvDialect& dialect, const CsvLimits& limits)
    : m_source(source), m_dialect(dialect), m_limits(limits), m_line{source.position(), 1} {}

Status CsvScanner::go_to(const LineStart& place) {
    m_line = place;
    m_skip_line_feed = false;
    return m_source.go_back_to(place.position);
}

void CsvScanner::begin_line(std::int64_t position) {
    m_line = {position, m_line.line + 1};
    if (m_has_second_line) return;
    m_has_second_line = true;
    m_second_line = m_line;
}

void CsvScanner::keep(std::string_view text, CsvRecord& record) {
    const std::size_t room = std::min(m_limits.cell_bytes - std::min(m_limits.cell_bytes, m_cell.size()),
                                      m_limits.record_bytes - std::min(m_limits.record_bytes, m_kept_bytes));
    if (text.size() > room) {
        record.over_long = true;
        text = text.substr(0, room);
    }
    m_cell.append(text);
    m_kept_bytes += text.size();
}

void CsvScanner::end_cell(CsvRecord& record) {
    if (m_cell_stray && m_cell.size() >= 2 && m_cell.back() == m_dialect.quote) {
        // Quotes around and unescaped quotes within: `"he said "no" to me"`.
        m_cell.pop_back();
        m_cell.erase(0, 1);
    }
    if (record.cells.size() < m_limits.cells) {
        record.cells.push_back(std::move(m_cell));
        record.quoted.push_back(m_cell_quoted);
    }
    ++record.cell_count;
    m_cell.clear();
    m_cell_quoted = false;
    m_cell_stray = false;
    m_cell_has_line_end = false;
    m_state = State::CellStart;
}

CsvScanner::Step CsvScanner::after_quote(char c, CsvRecord& record) {
    if (c == m_dialect.quote && m_blanks.empty()) {
        keep({&c, 1}, record);
        m_before_quote = c;
        m_state = State::Quoted;
        return Step::GoOn;
    }
    if (is_blank_character(c)) {
        if (m_blanks.size() < m_limits.cell_bytes) m_blanks += c;
        return Step::GoOn;
    }
    ++record.stray_quotes;
    const bool begins_line = m_before_quote == '\n' || (m_before_quote == '\r' && m_dialect.lone_cr_ends_lines);
    const bool seems_to_open = begins_line || m_before_quote == m_dialect.delimiter;
    if (m_cell_has_line_end && seems_to_open) return Step::OpenQuote;
    m_cell.insert(0, 1, m_dialect.quote);
    keep({&m_dialect.quote, 1}, record);
    keep(m_blanks, record);
    keep({&c, 1}, record);
    m_cell_stray = true;
    m_state = State::Unquoted;
    return Step::GoOn;
}

void CsvScanner::scan_quoted(std::string_view text, std::size_t& place, CsvRecord& record) {
    std::size_t end = place;
    while (end < text.size() && text[end] != m_dialect.quote && text[end] != '\n' && text[end] != '\r') ++end;
    if (end > place) {
        m_before_quote = text[end - 1];
        keep(text.substr(place, end - place), record);
        place = end;
        return;
    }
    const char c = text[place++];
    if (c == m_dialect.quote) {
        m_blanks.clear();
        m_state = State::QuoteSeen;
        return;
    }
    keep({&c, 1}, record);
    // Where lone CRs end lines, the LF of a CR LF belongs to the line that its CR has ended.
    const bool second_half = c == '\n' && m_before_quote == '\r' && m_dialect.lone_cr_ends_lines;
    m_before_quote = c;
    if (second_half) {
        m_line.position += 1;
        if (m_second_line.line == m_line.line) m_second_line = m_line;
    } else if (c == '\n' || m_dialect.lone_cr_ends_lines) {
        m_cell_has_line_end = true;
        begin_line(m_source.position() + static_cast<std::int64_t>(place));
    }
}

CsvScanner::Step CsvScanner::scan(std::string_view text, std::size_t& used, CsvRecord& record) {
    const char delimiter = m_dialect.delimiter;
    const char quote = m_dialect.quote;
    std::size_t i = 0;
    Step step = Step::GoOn;
    while (i < text.size() && step == Step::GoOn) {
        const char c = text[i];
        if (m_state == State::Quoted) {
            scan_quoted(text, i, record);
            continue;
        }
        if (m_state == State::ReturnSeen) {
            if (c == '\n') {
                ++i;
                ++m_line_ends.line_feeds;
                begin_line(m_source.position() + static_cast<std::int64_t>(i));
                step = Step::RecordEnds;
                continue;
            }
            // A lone CR is text; what was quoted before it was not at its end.
            keep("\r", record);
            m_state = State::Unquoted;
            continue;
        }
        if (c == delimiter) {
            end_cell(record);
            ++i;
            continue;
        }
        if (c == '\n' || (c == '\r' && m_dialect.lone_cr_ends_lines)) {
            ++i;
            ++(c == '\n' ? m_line_ends.line_feeds : m_line_ends.lone_carriage_returns);
            m_skip_line_feed = c == '\r';
            begin_line(m_source.position() + static_cast<std::int64_t>(i));
            step = Step::RecordEnds;
            continue;
        }
        if (c == '\r') {
            ++i;
            m_state = State::ReturnSeen;
            continue;
        }
        if (m_state == State::QuoteSeen) {
            ++i;
            step = after_quote(c, record);
            continue;
        }
        if (c == quote && !m_cell_quoted && only_blanks(m_cell)) {
            ++i;
            m_kept_bytes -= m_cell.size();
            m_cell.clear();
            m_cell_quoted = true;
            m_before_quote = '\0';
            m_state = State::Quoted;
            continue;
        }
        std::size_t end = i + 1;
        if (c != ' ' && c != '\t')
            while (end < text.size() && text[end] != delimiter && text[end] != '\n' && text[end] != '\r') ++end;
        keep(text.substr(i, end - i), record);
        m_state = State::Unquoted;
        i = end;
    }
    used = i;
    return step;
}

bool CsvScanner::is_blank(const CsvRecord& record) const {
    return record.cell_count == 1 && !record.quoted.empty() && !record.quoted[0] && only_blanks(record.cells[0]) && !record.over_long;
}

bool CsvScanner::finish(CsvRecord& record) {
    end_cell(record);
    while (!record.raw.empty() && (record.raw.back() == '\n' || record.raw.back() == '\r')) record.raw.pop_back();
    return !is_blank(record);
}

Result<bool> CsvScanner::next(CsvRecord& record) {
    for (;;) {
        record = CsvRecord{};
        m_state = State::CellStart;
        m_cell.clear();
        m_cell_quoted = m_cell_stray = m_cell_has_line_end = m_has_second_line = false;
        m_kept_bytes = 0;
        bool started = false;
        Step step = Step::GoOn;
        while (step == Step::GoOn) {
            if (!LOSSMITH_TRY(m_source.refill())) break;
            if (m_skip_line_feed) {
                m_skip_line_feed = false;
                if (m_source.window()[0] == '\n') {
                    m_source.take(1);
                    m_line.position += 1;
                    --m_line_ends.lone_carriage_returns;
                    ++m_line_ends.line_feeds;
                    continue;
                }
            }
            if (!started) record.begin = m_line;
            started = true;
            const std::string_view text = m_source.window();
            std::size_t used = 0;
            step = scan(text, used, record);
            if (record.raw.size() < m_limits.raw_bytes)
                record.raw.append(text.substr(0, std::min(used, m_limits.raw_bytes - record.raw.size())));
            m_source.take(used);
        }
        if (!started) return false;
        if (step == Step::OpenQuote || (step == Step::GoOn && m_state == State::Quoted)) {
            record.open_quote = true;
            const bool last_line_is_empty = m_line.position == m_source.position();
            const LineStart text_end{m_source.position(), m_line.line + (last_line_is_empty ? 0 : 1)};
            record.suspect_line = step == Step::OpenQuote ? m_line : text_end;
            record.second_line = m_has_second_line ? m_second_line : record.suspect_line;
            end_cell(record);
            return true;
        }
        if (finish(record)) return true;
    }
}

}  // namespace lossmith
