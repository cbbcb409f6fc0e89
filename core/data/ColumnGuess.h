// Which columns hold the problem and its solution.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lossmith {

/// Whether a column of this name is surely a problem or a solution ("Question", "answer", …).
[[nodiscard]] bool is_known_column_name(std::string_view name);

struct ColumnGuess {
    std::optional<std::string> problem;  ///< none when there is one column only
    std::optional<std::string> solution;
    std::string note;
};

/// By name, else the two columns with the longest text, in their order. `records` are cells in the order of `columns`.
[[nodiscard]] ColumnGuess guess_columns(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& records,
                                        const std::optional<std::string>& problem, const std::optional<std::string>& solution);

}  // namespace lossmith
