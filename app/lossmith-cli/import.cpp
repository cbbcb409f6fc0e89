// `import`: a file's rows into a project, and what was read, guessed and set aside.
#include <filesystem>
#include <memory>
#include <system_error>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t page_of_rows = 1000;
constexpr std::size_t shown_set_aside = 20;

struct ImportCall {
    std::string project;
    std::string file;
    std::string problem, solution, encoding, delimiter, quote, format, split;
    bool header = false;
    bool no_header = false;
    bool keep_duplicates = false;
    std::optional<double> validation, test;
    std::optional<std::uint64_t> split_seed;
};

Result<char> one_character(const std::string& text, const std::string& option) {
    if (text == "tab" || text == "\\t") return '\t';
    if (text.size() == 1) return text.front();
    return failure(Error::bad_input(option + " takes one character, but was given “" + text + "”.").with_hint("A tab is written as tab."));
}

Result<ImportOptions> wanted_options(const ImportCall& call) {
    ImportOptions options;
    if (call.format == "csv" || call.format == "tsv") options.format = FileFormat::Csv;
    if (call.format == "jsonl" || call.format == "json_lines") options.format = FileFormat::JsonLines;
    if (call.format == "text" || call.format == "plain_text") options.format = FileFormat::PlainText;
    if (call.format == "tsv") options.delimiter = '\t';
    if (!call.encoding.empty()) options.encoding = call.encoding;
    if (!call.delimiter.empty()) options.delimiter = LOSSMITH_TRY(one_character(call.delimiter, "--delimiter"));
    if (!call.quote.empty()) options.quote = LOSSMITH_TRY(one_character(call.quote, "--quote"));
    if (call.header) options.header = true;
    if (call.no_header) options.header = false;
    if (!call.problem.empty()) options.problem = call.problem;
    if (!call.solution.empty()) options.solution = call.solution;
    options.keep_duplicates = call.keep_duplicates;
    return options;
}

std::optional<Split> forced_split(const std::string& name) {
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        if (name == name_of(split)) return split;
    return std::nullopt;
}

Status set_split_rule(const ImportCall& call, DataStore& data) {
    if (!call.validation && !call.test && !call.split_seed) return {};
    SplitConfig rule = LOSSMITH_TRY(data.split_config());
    if (call.validation) rule.validation = *call.validation;
    if (call.test) rule.test = *call.test;
    if (call.split_seed) rule.seed = *call.split_seed;
    return data.set_split_config(rule);
}

/// Takes away a project that was made for an import which then failed, unless somebody has put something into it meanwhile.
void take_back(std::unique_ptr<Project> project) {
    const auto sources = project->data().sources();
    const auto runs = project->runs().runs();
    if (!sources || !sources->empty() || !runs || !runs->empty()) return;
    const fs::path path = project->path();
    const fs::path folder = project->files_folder();
    project.reset();
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path.string() + suffix, ignored);
    fs::remove(folder, ignored);
}

/// The set-aside rows of one source, by pages.
Result<std::vector<SetAsideRow>> set_aside_of(DataStore& data, const DataSource& source) {
    std::vector<SetAsideRow> rows;
    if (source.set_aside == 0) return rows;
    for (std::int64_t offset = 0;; offset += page_of_rows) {
        auto page = LOSSMITH_TRY(data.set_aside(page_of_rows, offset));
        if (page.empty()) return rows;
        for (StoredAside& aside : page)
            if (aside.source == source.id) rows.push_back(std::move(aside.row));
    }
}

struct Answer {
    DataSource source;
    std::vector<SetAsideRow> set_aside;
    std::int64_t train = 0, validation = 0, test = 0;  ///< of the whole project
};

Json in_json(const Answer& answer) {
    const ImportOptions& options = answer.source.options;
    const auto character = [](const std::optional<char>& value) { return value ? Json(std::string(1, *value)) : Json(); };
    const auto text = [](const std::optional<std::string>& value) { return value ? Json(*value) : Json(); };
    Json set_aside = Json::array();
    for (const SetAsideRow& row : answer.set_aside)
        set_aside.push_back({{"line", row.line}, {"reason", name_of(row.reason)}, {"message", row.message}});
    return {{"source", answer.source.id},
            {"path", answer.source.path},
            {"rows", answer.source.rows},
            {"set_aside", std::move(set_aside)},
            {"guessed",
             {{"encoding", text(options.encoding)},
              {"delimiter", character(options.delimiter)},
              {"quote", character(options.quote)},
              {"header", options.header ? Json(*options.header) : Json()},
              {"problem", text(options.problem)},
              {"solution", text(options.solution)}}},
            {"notes", answer.source.notes},
            {"splits", {{"train", answer.train}, {"validation", answer.validation}, {"test", answer.test}}}};
}

std::string in_words(const Answer& answer, const std::string& project) {
    const DataSource& source = answer.source;
    std::string text = with_commas(source.rows) + (source.rows == 1 ? " row" : " rows") + " of " + source.path + " into " + project + ".\n";
    for (const std::string& note : source.notes) text += note + "\n";
    if (source.options.problem && source.options.solution && !source.options.problem->empty())
        text += "Problem: “" + *source.options.problem + "”, solution: “" + *source.options.solution + "”.\n";
    text += "The project now has " + with_commas(answer.train) + " rows to train on, " + with_commas(answer.validation) + " to validate, " +
            with_commas(answer.test) + " held out as test.\n";
    if (answer.set_aside.empty()) return text;
    text += with_commas(source.set_aside) + (source.set_aside == 1 ? " row was" : " rows were") + " set aside:\n";
    Table table({"line", "reason", "message"});
    for (std::size_t i = 0; i < answer.set_aside.size() && i < shown_set_aside; ++i) {
        const SetAsideRow& row = answer.set_aside[i];
        table.add({std::to_string(row.line), name_of(row.reason), on_one_line(row.message, 90)});
    }
    text += table.text();
    if (answer.set_aside.size() > shown_set_aside)
        text += "… and " + with_commas(static_cast<std::int64_t>(answer.set_aside.size() - shown_set_aside)) + " more; --json lists all.\n";
    return text;
}

/// A file of which everything was set aside is no use, unless it is all in the project already.
Status expect_rows(const Answer& answer) {
    bool only_duplicates = !answer.set_aside.empty();
    for (const SetAsideRow& row : answer.set_aside) only_duplicates = only_duplicates && row.reason == AsideReason::Duplicate;
    if (answer.source.rows > 0 || only_duplicates) return {};
    return failure(
        Error::bad_input("No row of it could be used.")
            .with_hint("See why each was set aside; --problem, --solution, --delimiter, --quote and --encoding say how it is to be read.")
            .in_file(answer.source.path));
}

Status import(const ImportCall& call, const Context& context) {
    const ImportOptions wanted = LOSSMITH_TRY(wanted_options(call));
    const ImportGuess guess = LOSSMITH_TRY(guess_import(call.file, wanted));
    std::error_code problem;
    const bool is_new = !fs::exists(call.project, problem);
    auto project = LOSSMITH_TRY(Project::open_or_create(call.project));
    DataStore& data = project->data();
    const auto read = [&]() -> Result<DataSource> {
        LOSSMITH_CHECK(set_split_rule(call, data));
        return data.import_file(call.file, guess, forced_split(call.split), context.progress(), context.cancelled());
    };
    auto source = read();
    if (!source) {
        if (is_new) take_back(std::move(project));
        return failure(std::move(source).error());
    }
    Answer answer{std::move(*source), {}};
    answer.set_aside = LOSSMITH_TRY(set_aside_of(data, answer.source));
    answer.train = LOSSMITH_TRY(data.count(Split::Train));
    answer.validation = LOSSMITH_TRY(data.count(Split::Validation));
    answer.test = LOSSMITH_TRY(data.count(Split::Test));
    if (context.json())
        context.print_json(in_json(answer));
    else
        context.print(in_words(answer, call.project));
    return expect_rows(answer);
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
    const auto call = std::make_shared<ImportCall>();
    Verb verb = context.add_verb(app, "import", "Rows of a CSV, TSV or JSON lines file, or a folder of texts, into a project.",
                                 [call, &context] { return import(*call, context); });
    verb.add_option("project", call->project, "The project file; made when absent").required().type_name("PROJECT");
    verb.add_option("file", call->file, "The file, or a folder of .txt files").required().type_name("CSV");
    verb.add_option("--problem", call->problem, "The column that holds the problem").type_name("COLUMN");
    verb.add_option("--solution", call->solution, "The column that holds the solution").type_name("COLUMN");
    verb.add_option("--encoding", call->encoding, "UTF-8, UTF-16LE, windows-1252, …").type_name("NAME");
    verb.add_option("--delimiter", call->delimiter, "What stands between cells; tab for a tab").type_name("CHARACTER");
    verb.add_option("--quote", call->quote, "What stands around cells").type_name("CHARACTER");
    const Option header = verb.add_flag("--header", call->header, "The first line names the columns");
    verb.add_flag("--no-header", call->no_header, "The first line is a row; columns are “column 1”, “column 2”, …").excludes(header);
    verb.add_option("--format", call->format, "How the file is built up")
        .one_of({"csv", "tsv", "jsonl", "json_lines", "text", "plain_text"});
    verb.add_option("--split", call->split, "Put all rows into this split").one_of({"train", "validation", "test"});
    verb.add_flag("--keep-duplicates", call->keep_duplicates, "Take rows that are equal to earlier ones too");
    verb.add_option("--validation", call->validation, "Share of the project's rows to validate on (0.1 at first)").type_name("SHARE");
    verb.add_option("--test", call->test, "Share of the project's rows to hold out (0 at first)").type_name("SHARE");
    verb.add_option("--split-seed", call->split_seed, "Seed of the split (42 at first)").type_name("NUMBER");
}

}  // namespace lossmith::cli
