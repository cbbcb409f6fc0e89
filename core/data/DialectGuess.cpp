#include "core/data/DialectGuess.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "core/data/ColumnGuess.h"
#include "core/data/CsvReader.h"
#include "core/data/CsvScanner.h"

namespace lossmith {
namespace {

/// Enough to tell a dialect by; each combination reads it once.
constexpr std::size_t dialect_sample_bytes = 256U << 10U;
constexpr std::size_t most_records_kept = 400;
constexpr std::size_t most_cells_kept = 1'000;

struct Reading {
    CsvDialect dialect;
    std::vector<CsvRecord> records;
    std::map<std::size_t, std::size_t> counts;  ///< cells in a record → how many records
    std::size_t all = 0;
    std::size_t quoted_cells = 0;
    std::size_t strays = 0;
    std::size_t columns = 1;
    double share = 0;
    bool known_header = false;  ///< the first record names two columns that everybody knows
};

Result<Reading> read_as(const std::string& sample, bool whole, CsvDialect dialect) {
    Reading reading;
    dialect.lone_cr_ends_lines = LOSSMITH_TRY(lone_cr_ends_lines(sample, dialect));
    reading.dialect = dialect;
    TextSource source = TextSource::from_text(sample);
    CsvLimits limits;
    limits.cells = most_cells_kept;
    CsvScanner scanner(source, dialect, limits);
    CsvRecord record;
    std::size_t last_count = 0;
    bool last_kept = false;
    while (LOSSMITH_TRY(scanner.next(record))) {
        last_count = record.cell_count;
        ++reading.counts[record.cell_count];
        ++reading.all;
        reading.strays += static_cast<std::size_t>(record.stray_quotes);
        reading.quoted_cells += static_cast<std::size_t>(std::count(record.quoted.begin(), record.quoted.end(), true));
        if (record.open_quote) {
            ++reading.strays;
            LOSSMITH_CHECK(scanner.go_to(record.suspect_line));
        }
        last_kept = reading.records.size() < most_records_kept;
        if (last_kept) reading.records.push_back(std::move(record));
    }
    if (!whole && reading.all > 1) {
        // The sample's end cuts its last record.
        --reading.all;
        if (--reading.counts[last_count] == 0) reading.counts.erase(last_count);
        if (last_kept) reading.records.pop_back();
    }
    if (reading.all == 0) return reading;
    const auto share_of = [&](std::size_t cells) { return static_cast<double>(reading.counts[cells]) / static_cast<double>(reading.all); };
    const std::size_t first = reading.records.front().cell_count;
    const auto& names = reading.records.front().cells;
    reading.known_header = std::count_if(names.begin(), names.end(), is_known_column_name) >= 2;
    const auto most_common = std::max_element(reading.counts.begin(), reading.counts.end(),
                                              [](const auto& left, const auto& right) { return left.second < right.second; });
    // The first record, if it is a header, knows best; but one odd line on top must not decide against all the others.
    reading.columns = reading.known_header || share_of(first) * 2 >= share_of(most_common->first) ? first : most_common->first;
    reading.share = share_of(reading.columns);
    return reading;
}

double worth(const Reading& reading) {
    const double per_record = static_cast<double>(reading.strays) / static_cast<double>(std::max<std::size_t>(1, reading.all));
    return (reading.known_header ? 1.0 : 0.0) + reading.share / (1.0 + per_record);
}

bool looks_numeric(const std::string& text) {
    bool digits = false;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digits = true;
        } else if (std::string_view("+-.,:/ %$eE").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return digits;
}

bool could_be_names(const std::vector<std::string>& first) {
    constexpr std::size_t longest_name = 60;
    std::set<std::string> seen;
    std::size_t empty = 0;
    for (const auto& cell : first) {
        if (cell.size() > longest_name || cell.find_first_of("\r\n") != std::string::npos || looks_numeric(cell)) return false;
        if (std::count(cell.begin(), cell.end(), ' ') > 5) return false;
        if (cell.empty()) {
            ++empty;
        } else if (std::string_view(".!?").find(cell.back()) != std::string_view::npos || !seen.insert(cell).second) {
            return false;
        }
    }
    return empty * 2 < first.size() || first.size() == 1;
}

/// The first record is a header when its cells could be names and the cells under them are of another kind: known words above,
/// numbers below, or text much longer than the name.
bool has_header(const std::vector<std::string>& first, const std::vector<std::vector<std::string>>& rest) {
    if (first.empty() || (first.size() == 1 && first[0].empty())) return false;
    for (const auto& cell : first)
        if (is_known_column_name(cell)) return true;
    if (!could_be_names(first)) return false;
    if (rest.empty()) return true;
    for (std::size_t column = 0; column < first.size(); ++column) {
        std::size_t numeric = 0;
        std::size_t bytes = 0;
        std::size_t rows = 0;
        for (const auto& record : rest) {
            if (column >= record.size()) continue;
            ++rows;
            bytes += record[column].size();
            numeric += looks_numeric(record[column]) ? 1 : 0;
        }
        if (rows > 0 && (numeric * 5 >= rows * 4 || bytes >= rows * 3 * std::max<std::size_t>(4, first[column].size()))) return true;
    }
    return false;
}

}  // namespace

Result<DialectGuess> guess_dialect(const std::string& sample, bool whole, std::optional<char> delimiter, std::optional<char> quote,
                                   std::optional<bool> header) {
    const std::string text = sample.substr(0, dialect_sample_bytes);
    const bool text_whole = whole && text.size() == sample.size();
    const std::vector<char> delimiters = delimiter ? std::vector<char>{*delimiter} : std::vector<char>{',', '\t', ';', '|'};
    const std::vector<char> quotes = quote ? std::vector<char>{*quote} : std::vector<char>{'"', '\''};

    std::optional<Reading> best;
    std::optional<Reading> best_single;
    for (const char candidate : delimiters) {
        for (const char mark : quotes) {
            if (candidate == mark) continue;
            Reading reading = LOSSMITH_TRY(read_as(text, text_whole, {candidate, mark, false}));
            // An apostrophe is a quote only where it closes as it opens, and is met more often than the usual quote.
            if (mark != quotes.front() && (reading.quoted_cells == 0 || reading.strays > 0)) continue;
            auto& rival = reading.columns > 1 ? best : best_single;
            const bool more_quotes = mark != quotes.front() && rival && rival->dialect.delimiter == candidate && rival->quoted_cells == 0;
            if (!rival || worth(reading) > worth(*rival) + 1e-9 || (more_quotes && worth(reading) >= worth(*rival)))
                rival = std::move(reading);
        }
    }
    // Commas in prose part some lines alike by chance; a column is believed where at least half of the records agree on it.
    const bool several = best && (best->known_header || best->share >= 0.5 || !best_single || best->share > best_single->share);
    if (!several && !best_single) std::swap(best, best_single);
    Reading& reading = several || !best_single ? *best : *best_single;

    DialectGuess guess;
    guess.delimiter = reading.dialect.delimiter;
    guess.quote = reading.dialect.quote;
    guess.columns = reading.columns;
    guess.share = reading.share;
    for (auto& record : reading.records) {
        if (guess.first.empty()) {
            guess.first = std::move(record.cells);
        } else {
            guess.records.push_back(std::move(record.cells));
        }
    }
    guess.header = header ? *header : has_header(guess.first, guess.records);
    return guess;
}

}  // namespace lossmith
