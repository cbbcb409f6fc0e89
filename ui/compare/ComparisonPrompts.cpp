#include "ui/compare/ComparisonPrompts.h"

#include <string_view>

#include "core/base/Files.h"
#include "core/comparison/Words.h"
#include "core/data/Import.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"

namespace lossmith::ui {

namespace {

constexpr std::size_t largest_prompt_file = 64U << 20U;

Result<std::vector<ComparisonPrompt>> rows_of_file(const std::filesystem::path& path, std::int64_t limit) {
    const ImportGuess guess = LOSSMITH_TRY(guess_import(path));
    std::vector<ComparisonPrompt> prompts;
    RowSink sink;
    // A cancelled import is how the reader is told that enough rows were read.
    sink.row = [&](SourceRow row) -> Status {
        if (static_cast<std::int64_t>(prompts.size()) >= limit) return failure(Error::cancelled());
        prompts.push_back({std::move(row.problem), std::move(row.solution)});
        return {};
    };
    sink.set_aside = [](SetAsideRow) -> Status { return {}; };
    const auto counts = read_rows(path, guess.options, sink);
    if (!counts && counts.error().kind != ErrorKind::Cancelled) return failure(counts.error());
    return prompts;
}

}  // namespace

Result<HeldOutRows> held_out_rows(Project& project, std::int64_t limit) {
    HeldOutRows held_out;
    held_out.available = LOSSMITH_TRY(project.data().count(Split::Test));
    if (held_out.available == 0) {
        held_out.split = Split::Validation;
        held_out.available = LOSSMITH_TRY(project.data().count(Split::Validation));
    }
    for (Row& row : LOSSMITH_TRY(project.data().rows(held_out.split, limit)))
        held_out.prompts.push_back({std::move(row.problem), std::move(row.solution)});
    return held_out;
}

std::vector<ComparisonPrompt> typed_prompts(const std::string& text) {
    std::vector<ComparisonPrompt> prompts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        const std::size_t tab = line.find('\t');
        const std::string_view problem = trimmed(line.substr(0, tab));
        const std::string_view solution = tab == std::string_view::npos ? std::string_view{} : trimmed(line.substr(tab + 1));
        if (!problem.empty()) prompts.push_back({std::string(problem), std::string(solution)});
        at = end + 1;
    }
    return prompts;
}

Result<std::vector<ComparisonPrompt>> prompts_from_file(const std::filesystem::path& path, std::int64_t limit) {
    std::vector<ComparisonPrompt> prompts;
    if (path.extension() == ".txt") {
        prompts = typed_prompts(valid_utf8(LOSSMITH_TRY(read_file(path, largest_prompt_file))));
        if (static_cast<std::int64_t>(prompts.size()) > limit) prompts.resize(static_cast<std::size_t>(limit));
    } else {
        prompts = LOSSMITH_TRY(rows_of_file(path, limit));
    }
    if (prompts.empty())
        return failure(Error::bad_input("There is no problem in this file.")
                           .with_hint("Choose a table with a column of problems, or a text with a problem a line.")
                           .in_file(path.filename().string()));
    return prompts;
}

}  // namespace lossmith::ui
