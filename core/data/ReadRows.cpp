// The import itself: records to rows, each bad one set aside with its reason; and its preview.
#include <algorithm>

#include "core/data/DuplicateSet.h"
#include "core/data/Import.h"
#include "core/data/RecordReader.h"

namespace lossmith {
namespace {

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

Result<std::size_t> column_index(const std::vector<std::string>& columns, const std::string& name) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
    return failure(Error::not_found("There is no column \"" + name + "\" in the file.")
                       .with_hint("Look at the columns again: the file may have changed."));
}

/// Which columns of a record become which parts of a row.
class RowMapping {
public:
    [[nodiscard]] static Result<RowMapping> create(const std::vector<std::string>& columns, const ImportOptions& options) {
        if (!options.solution) return failure(Error::bad_input("No column is chosen for the solution."));
        RowMapping mapping(columns);
        mapping.m_solution = LOSSMITH_TRY(column_index(columns, *options.solution));
        if (options.problem) mapping.m_problem = LOSSMITH_TRY(column_index(columns, *options.problem));
        if (mapping.m_problem == mapping.m_solution)
            return failure(Error::bad_input("The problem and the solution are both \"" + *options.solution + "\"; choose two columns."));
        return mapping;
    }

    /// The row, or what is wrong with it. Takes the record's cells.
    [[nodiscard]] std::optional<RecordFault> map(Record& record, SourceRow& row) const {
        if (record.fault) return record.fault;
        row = SourceRow{};
        row.line = record.line;
        if (auto fault = take(record, m_problem, row.problem)) return fault;
        if (auto fault = take(record, m_solution, row.solution)) return fault;
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            if (i != m_problem && i != m_solution && record.cells[i]) row.others.emplace(m_columns[i], std::move(*record.cells[i]));
        return std::nullopt;
    }

private:
    explicit RowMapping(const std::vector<std::string>& columns) : m_columns(columns) {}

    [[nodiscard]] std::optional<RecordFault> take(Record& record, std::optional<std::size_t> column, std::string& into) const {
        if (!column) return std::nullopt;
        auto& cell = record.cells[*column];
        if (!cell) return RecordFault{AsideReason::MissingColumn, "There is no \"" + m_columns[*column] + "\" here."};
        if (is_blank(*cell)) return RecordFault{AsideReason::Empty, "The cell \"" + m_columns[*column] + "\" is empty."};
        into = std::move(*cell);
        return std::nullopt;
    }

    std::vector<std::string> m_columns;
    std::optional<std::size_t> m_problem;
    std::optional<std::size_t> m_solution;
};

}  // namespace

Result<ImportCounts> read_rows(const std::filesystem::path& path, const ImportOptions& options, const RowSink& sink,
                               const ProgressSink& progress, const CancellationToken& cancelled) {
    const auto reader = LOSSMITH_TRY(open_records(path, options, cancelled));
    const RowMapping mapping = LOSSMITH_TRY(RowMapping::create(reader->columns(), options));
    DuplicateSet seen;
    ImportCounts counts;
    std::int64_t told = -1;
    const auto tell = [&] {
        // A second look at some lines goes back in the file; progress does not.
        if (progress && reader->bytes_read() > told) {
            told = reader->bytes_read();
            progress({"reading rows", told, reader->bytes_in_all()});
        }
    };

    Record record;
    SourceRow row;
    while (LOSSMITH_TRY(reader->next(record))) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        std::optional<RecordFault> fault = mapping.map(record, row);
        if (!fault && !options.keep_duplicates && !seen.add(row.problem, row.solution))
            fault = RecordFault{AsideReason::Duplicate, "An earlier row has the same problem and solution."};
        if (fault) {
            ++counts.set_aside;
            if (sink.set_aside) LOSSMITH_CHECK(sink.set_aside({record.line, fault->reason, fault->message, std::move(record.raw)}));
        } else {
            ++counts.rows;
            if (sink.row) LOSSMITH_CHECK(sink.row(std::move(row)));
        }
        tell();
    }
    tell();
    counts.bytes = reader->bytes_in_all();
    return counts;
}

Result<ImportPreview> preview_import(const std::filesystem::path& path, const ImportOptions& options, std::size_t rows) {
    const auto reader = LOSSMITH_TRY(open_records(path, options, {}));
    const RowMapping mapping = LOSSMITH_TRY(RowMapping::create(reader->columns(), options));
    DuplicateSet seen;
    ImportPreview preview;
    Record record;
    SourceRow row;
    for (std::size_t i = 0; i < rows && LOSSMITH_TRY(reader->next(record)); ++i) {
        preview.raw_lines.push_back(record.raw);
        std::vector<std::string> cells;
        for (const auto& cell : record.cells) cells.push_back(shown_text(cell.value_or("")));
        preview.cells.push_back(std::move(cells));
        std::optional<RecordFault> fault = mapping.map(record, row);
        if (!fault && !options.keep_duplicates && !seen.add(row.problem, row.solution))
            fault = RecordFault{AsideReason::Duplicate, "An earlier row has the same problem and solution."};
        if (fault) preview.set_aside.push_back({record.line, fault->reason, fault->message, record.raw});
    }
    return preview;
}

}  // namespace lossmith
