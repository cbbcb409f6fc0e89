#include "core/data/JsonLinesReader.h"

#include <algorithm>
#include <set>

#include "core/base/Json.h"
#include "core/data/SampleText.h"

namespace lossmith {
namespace {

constexpr std::size_t most_keys = 10'000;

bool only_space(std::string_view text) {
    return text.find_first_not_of(" \t\r\f\v") == std::string_view::npos;
}

std::string cell_of(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return {};
    return value.dump();
}

}  // namespace

std::vector<std::string> json_lines_columns(const std::string& sample, bool whole) {
    std::vector<std::string> columns;
    std::set<std::string> seen;
    TextSource source = TextSource::from_text(whole ? sample : sample.substr(0, sample.rfind('\n') + 1));
    LineReader lines(source, sample.size() + 1);
    LineReader::Line line;
    for (auto more = lines.next(line); more && *more && columns.size() < most_keys; more = lines.next(line)) {
        // Checked for depth by the first parse; the second keeps the keys' order.
        const auto checked = parse_json(line.text);
        if (!checked || !checked->is_object()) continue;
        const auto object = nlohmann::ordered_json::parse(line.text);
        for (const auto& item : object.items())
            if (columns.size() < most_keys && seen.insert(item.key()).second) columns.push_back(item.key());
    }
    return columns;
}

JsonLinesReader::JsonLinesReader(TextSource source, std::vector<std::string> columns, std::int64_t longest_cell)
    : m_source(std::move(source)),
      // A character may take six bytes as \u00e9, and a row has several cells.
      m_lines(m_source, 8 * static_cast<std::size_t>(longest_cell) + (1U << 20U)),
      m_columns(std::move(columns)),
      m_longest_cell(longest_cell) {}

Result<std::unique_ptr<RecordReader>> JsonLinesReader::open(const std::filesystem::path& path, const ImportOptions& options,
                                                            const CancellationToken& cancelled) {
    const SampleText sample = LOSSMITH_TRY(read_sample(path, *options.encoding, cancelled));
    std::vector<std::string> columns = json_lines_columns(sample.text, sample.whole);
    if (columns.empty())
        return failure(Error::bad_input("No line at the beginning of " + path.string() + " is a JSON object.")
                           .with_hint("Write one object a line: {\"problem\": \"…\", \"solution\": \"…\"}. "
                                      "A JSON array becomes that with `jq -c '.[]'`."));
    TextSource source = LOSSMITH_TRY(TextSource::open(path, *options.encoding, cancelled));
    return std::unique_ptr<RecordReader>(new JsonLinesReader(std::move(source), std::move(columns), options.longest_cell));
}

Result<bool> JsonLinesReader::next(Record& record) {
    LineReader::Line line;
    do {
        if (!LOSSMITH_TRY(m_lines.next(line))) return false;
    } while (!line.cut && only_space(line.text));

    record = Record{};
    record.line = line.number;
    record.raw = shown_text(line.text);
    const auto set_aside = [&](AsideReason reason, std::string message) {
        record.fault = RecordFault{reason, std::move(message)};
        return true;
    };
    if (line.cut) return set_aside(AsideReason::OverLong, "The line is too long.");
    if (const auto fault = cell_fault(line.text)) return set_aside(fault->reason, fault->message);
    const auto json = parse_json(line.text);
    if (!json) {
        const auto column = json.error().where.column;
        return set_aside(AsideReason::NotJson, json.error().message.substr(0, json.error().message.size() - 1) +
                                                   (column ? ", from column " + std::to_string(*column) + " on." : "."));
    }
    if (!json->is_object()) return set_aside(AsideReason::NotJson, "The line is JSON, but not an object.");
    for (const auto& column : m_columns) {
        const auto value = json->find(column);
        if (value == json->end()) {
            record.cells.emplace_back();
            continue;
        }
        std::string cell = cell_of(*value);
        if (cell.size() > static_cast<std::size_t>(m_longest_cell))
            return set_aside(AsideReason::OverLong,
                             "The value of \"" + column + "\" is longer than " + std::to_string(m_longest_cell) + " bytes.");
        if (const auto fault = cell_fault(cell)) record.fault = fault;
        record.cells.emplace_back(std::move(cell));
    }
    return true;
}

}  // namespace lossmith
