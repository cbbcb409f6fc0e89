#include "core/data/RecordReader.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/data/CsvReader.h"
#include "core/data/JsonLinesReader.h"
#include "core/data/PlainTextReader.h"
#include "core/data/Utf8.h"

namespace lossmith {
namespace {

std::string trimmed(const std::string& text) {
    constexpr const char* space = " \t\r\n\f\v";
    const auto begin = text.find_first_not_of(space);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

}  // namespace

std::string shown_text(std::string_view text) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string shown;
    while (!text.empty() && shown.size() <= raw_limit) {
        std::size_t good = valid_utf8_length(text);
        good = std::min(good, text.find('\0'));
        shown.append(text.substr(0, good));
        text.remove_prefix(good);
        if (text.empty()) break;
        shown.append(replacement);
        text.remove_prefix(1);
    }
    shown.resize(utf8_prefix(shown, raw_limit).size());
    return shown;
}

std::optional<RecordFault> cell_fault(std::string_view cell) {
    if (!is_utf8(cell)) return RecordFault{AsideReason::Undecodable, "Some bytes are not text in the chosen encoding."};
    if (cell.find('\0') != std::string_view::npos) return RecordFault{AsideReason::Undecodable, "A NUL character stands in the text."};
    return std::nullopt;
}

std::vector<std::string> numbered_columns(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 1; i <= count; ++i) names.push_back("column " + std::to_string(i));
    return names;
}

std::vector<std::string> column_names(const std::vector<std::string>& header) {
    std::vector<std::string> names;
    std::set<std::string> taken;
    // Where to go on counting for a name, so that a header of one name over and over stays cheap.
    std::map<std::string, std::size_t> next_number;
    for (std::size_t i = 0; i < header.size(); ++i) {
        std::string wanted = trimmed(shown_text(header[i]));
        if (wanted.empty()) wanted = "column " + std::to_string(i + 1);
        std::string name = wanted;
        for (std::size_t& number = next_number.try_emplace(wanted, 2).first->second; !taken.insert(name).second; ++number)
            name = wanted + " " + std::to_string(number);
        names.push_back(name);
    }
    return names;
}

Result<std::unique_ptr<RecordReader>> open_records(const std::filesystem::path& path, const ImportOptions& options,
                                                   const CancellationToken& cancelled) {
    if (!options.format || !options.encoding)
        return failure(Error::bad_input("The format and the encoding of " + path.string() + " are not set."));
    constexpr std::int64_t longest_limit = 100'000'000;
    if (options.longest_cell < 1 || options.longest_cell > longest_limit)
        return failure(Error::bad_input("`longest_cell` must be from 1 to 100000000 bytes."));
    if (options.text_row_bytes < 1 || options.text_row_bytes > longest_limit)
        return failure(Error::bad_input("`text_row_bytes` must be from 1 to 100000000 bytes."));
    switch (*options.format) {
        case FileFormat::Csv: return CsvReader::open(path, options, cancelled);
        case FileFormat::JsonLines: return JsonLinesReader::open(path, options, cancelled);
        case FileFormat::PlainText: return PlainTextReader::open(path, options, cancelled);
    }
    return failure(Error::internal("An unknown format was asked for."));
}

}  // namespace lossmith
