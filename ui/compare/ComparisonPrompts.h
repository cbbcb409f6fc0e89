// Where the prompts of a comparison come from: rows the model never saw, typed lines, or a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/data/Split.h"

namespace lossmith {
class Project;
}

namespace lossmith::ui {

struct ComparisonPrompt {
    std::string problem;
    std::string solution;  ///< the true one; empty: not known
    bool operator==(const ComparisonPrompt&) const = default;
};

/// Rows that training does not use: the test split, or the validation split where there is no test row.
struct HeldOutRows {
    Split split = Split::Test;
    std::int64_t available = 0;
    std::vector<ComparisonPrompt> prompts;
};
[[nodiscard]] Result<HeldOutRows> held_out_rows(Project& project, std::int64_t limit);

/// One problem a line; what follows a tab on the line is its true solution. Empty lines are skipped.
[[nodiscard]] std::vector<ComparisonPrompt> typed_prompts(const std::string& text);

/// At most `limit` prompts: of a .txt file a problem a line as in typed_prompts(), of any other file its rows as an import reads them.
[[nodiscard]] Result<std::vector<ComparisonPrompt>> prompts_from_file(const std::filesystem::path& path, std::int64_t limit);

}  // namespace lossmith::ui
