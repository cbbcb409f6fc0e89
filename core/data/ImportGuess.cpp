// From a file and what the user has said of it to complete options, with a sentence for each thing that was guessed.
#include <algorithm>

#include "core/base/Json.h"
#include "core/data/ColumnGuess.h"
#include "core/data/CsvReader.h"
#include "core/data/DialectGuess.h"
#include "core/data/Encoding.h"
#include "core/data/Import.h"
#include "core/data/JsonFields.h"
#include "core/data/JsonLinesReader.h"
#include "core/data/PlainTextReader.h"
#include "core/data/SampleText.h"

namespace lossmith {
namespace {

std::string lower_extension(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return extension;
}

/// Whether the first line that is not blank is a JSON object.
bool begins_with_json_object(const std::string& sample, bool whole) {
    TextSource source = TextSource::from_text(sample);
    LineReader lines(source, sample.size() + 1);
    LineReader::Line line;
    for (auto more = lines.next(line); more && *more; more = lines.next(line)) {
        const auto begin = line.text.find_first_not_of(" \t");
        if (begin == std::string::npos) continue;
        if (line.text[begin] != '{') return false;
        const auto json = parse_json(line.text);
        // A first line longer than the sample cannot be parsed; its brace must do.
        return json ? json->is_object() : !whole && line.text.size() == sample.size();
    }
    return false;
}

bool is_delimited(const DialectGuess& dialect) {
    return dialect.columns > 1 && dialect.header && dialect.share > 0.9;
}

Result<FileFormat> guess_format(const std::filesystem::path& path, const SampleText& sample, const ImportOptions& wanted,
                                ImportGuess& guess) {
    const std::string extension = lower_extension(path);
    if (extension == ".jsonl" || extension == ".ndjson" || begins_with_json_object(sample.text, sample.whole)) {
        guess.notes.emplace_back("The file has a JSON object a line.");
        return FileFormat::JsonLines;
    }
    if (extension == ".json")
        return failure(Error::unsupported("This JSON file does not hold one object a line.")
                           .with_hint("`jq -c '.[]' file.json > file.jsonl` turns a JSON array into that."));
    if (extension == ".txt" || extension == ".text" || extension == ".md") {
        // Tables are saved under .txt too; prose rarely has the same number of cells in nearly all of its lines.
        if (is_delimited(LOSSMITH_TRY(guess_dialect(sample.text, sample.whole, wanted.delimiter, wanted.quote, wanted.header)))) {
            guess.notes.emplace_back("The text file holds a table.");
            return FileFormat::Csv;
        }
        guess.notes.emplace_back("The file is read as plain text, cut into rows at blank lines.");
        return FileFormat::PlainText;
    }
    return FileFormat::Csv;
}

std::string in_words(char c) {
    switch (c) {
        case ',': return "a comma";
        case ';': return "a semicolon";
        case '\t': return "a tab";
        case '|': return "a vertical bar";
        default: return std::string(1, c);
    }
}

Status check_wanted_columns(const ImportGuess& guess, const ImportOptions& wanted) {
    for (const auto& name : {wanted.problem, wanted.solution}) {
        if (!name || std::find(guess.columns.begin(), guess.columns.end(), *name) != guess.columns.end()) continue;
        const std::vector<std::string_view> known(guess.columns.begin(), guess.columns.end());
        const std::string nearest = nearest_name(*name, known);
        std::string all;
        for (const auto& column : guess.columns) {
            if (all.size() > 500) break;
            all += (all.empty() ? "" : ", ") + column;
        }
        return failure(Error::not_found("There is no column \"" + *name + "\".")
                           .with_hint(nearest.empty() ? "The columns are: " + all + "." : "Did you mean \"" + nearest + "\"?"));
    }
    if (wanted.problem && wanted.solution && *wanted.problem == *wanted.solution)
        return failure(Error::bad_input("The problem and the solution are both \"" + *wanted.problem + "\"; choose two columns."));
    return {};
}

Status guess_table(const SampleText& sample, ImportGuess& guess, std::vector<std::vector<std::string>>& records) {
    ImportOptions& options = guess.options;
    const bool delimiter_wanted = options.delimiter.has_value();
    const bool header_wanted = options.header.has_value();
    DialectGuess dialect = LOSSMITH_TRY(guess_dialect(sample.text, sample.whole, options.delimiter, options.quote, options.header));
    if (dialect.first.empty()) return failure(Error::bad_input("The file holds nothing but blank lines."));
    options.delimiter = dialect.delimiter;
    options.quote = dialect.quote;
    options.header = dialect.header;
    if (!delimiter_wanted && dialect.columns > 1) guess.notes.push_back("Cells are parted by " + in_words(dialect.delimiter) + ".");
    if (dialect.quote == '\'') guess.notes.emplace_back("Cells are quoted with an apostrophe.");
    if (!header_wanted)
        guess.notes.emplace_back(dialect.header ? "The first line is a header." : "The first line is a row already, not a header.");
    records = std::move(dialect.records);
    if (!dialect.header) records.insert(records.begin(), std::move(dialect.first));
    return {};
}

}  // namespace

Result<ImportGuess> guess_import(const std::filesystem::path& path, const ImportOptions& wanted) {
    ImportGuess guess;
    guess.options = wanted;
    ImportOptions& options = guess.options;
    std::error_code code;
    const bool is_folder = std::filesystem::is_directory(path, code);
    std::filesystem::path first_file = path;
    if (is_folder) {
        if (options.format && *options.format != FileFormat::PlainText)
            return failure(Error::unsupported("A folder is read as plain text only.").with_hint("Choose one file, or plain text."));
        const auto files = LOSSMITH_TRY(text_files_in(path));
        first_file = files.front();
        options.format = FileFormat::PlainText;
        guess.notes.push_back("The folder has " + std::to_string(files.size()) + (files.size() == 1 ? " text file." : " text files."));
    }

    const SampleText bytes = LOSSMITH_TRY(read_sample_bytes(first_file));
    if (bytes.text.empty() && !is_folder)
        return failure(Error::bad_input("The file is empty.").with_hint("Choose a file with at least one row.").in_file(path.string()));
    if (!options.encoding) {
        EncodingGuess encoding = guess_encoding(bytes.text, bytes.whole);
        options.encoding = std::move(encoding.name);
        guess.notes.push_back(std::move(encoding.note));
    }
    const SampleText sample = LOSSMITH_TRY(read_sample(first_file, *options.encoding));
    if (!options.format) options.format = LOSSMITH_TRY(guess_format(path, sample, wanted, guess));

    std::vector<std::vector<std::string>> records;
    if (*options.format == FileFormat::Csv) LOSSMITH_CHECK(guess_table(sample, guess, records));
    const auto reader = LOSSMITH_TRY(open_records(path, options, {}));
    guess.columns = reader->columns();
    if (*options.format == FileFormat::PlainText) {
        options.solution = "text";
        options.problem.reset();
        return guess;
    }
    if (*options.format == FileFormat::JsonLines) {
        constexpr std::size_t enough_records = 200;
        Record record;
        while (records.size() < enough_records && LOSSMITH_TRY(reader->next(record))) {
            std::vector<std::string> cells;
            for (auto& cell : record.cells) cells.push_back(std::move(cell).value_or(""));
            records.push_back(std::move(cells));
        }
    }
    LOSSMITH_CHECK(check_wanted_columns(guess, wanted));
    ColumnGuess columns = guess_columns(guess.columns, records, wanted.problem, wanted.solution);
    if (!columns.solution) return failure(Error::bad_input(columns.note).with_hint("The file needs a second column."));
    options.problem = columns.problem;
    options.solution = columns.solution;
    guess.notes.push_back(std::move(columns.note));
    return guess;
}

}  // namespace lossmith
