#include "core/data/ColumnGuess.h"

#include <algorithm>
#include <span>

namespace lossmith {
namespace {

// The likeliest first: a table with both `description` and `text` has its problem in the former.
constexpr std::string_view problem_names[] = {
    "problem", "question",    "prompt", "instruction", "complaint", "query", "input", "issue", "request", "source",
    "context", "description", "body",   "message",     "ticket",    "user",  "text",  "title", "subject",
};
constexpr std::string_view solution_names[] = {
    "solution", "answer", "completion", "response", "reply", "output", "resolution", "target", "fix", "assistant", "result", "label",
};

/// Letters and digits in lower case: "Problem_Text " and "problem text" are alike.
std::string plain_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            plain += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            plain += c;
        }
    }
    return plain;
}

using Index = std::optional<std::size_t>;

Index find_by_name(const std::vector<std::string>& columns, std::span<const std::string_view> names, Index taken) {
    for (const bool whole : {true, false}) {
        for (const auto name : names) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const std::string plain = plain_name(columns[i]);
                if (taken != i && (whole ? plain == name : plain.size() > name.size() && plain.ends_with(name))) return i;
            }
        }
    }
    return std::nullopt;
}

/// The columns from the one with most text to the one with least.
std::vector<std::size_t> by_length(std::size_t columns, const std::vector<std::vector<std::string>>& records) {
    std::vector<std::size_t> bytes(columns);
    std::vector<std::size_t> order(columns);
    for (std::size_t i = 0; i < columns; ++i) order[i] = i;
    for (const auto& record : records)
        for (std::size_t i = 0; i < std::min(columns, record.size()); ++i) bytes[i] += record[i].size();
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) { return bytes[left] > bytes[right]; });
    return order;
}

Index index_of(const std::vector<std::string>& columns, const std::optional<std::string>& name) {
    if (!name) return std::nullopt;
    const auto found = std::find(columns.begin(), columns.end(), *name);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace

bool is_known_column_name(std::string_view name) {
    const std::string plain = plain_name(name);
    const auto is = [&](std::string_view known) { return plain == known; };
    return std::any_of(std::begin(problem_names), std::end(problem_names), is) ||
           std::any_of(std::begin(solution_names), std::end(solution_names), is);
}

ColumnGuess guess_columns(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& records,
                          const std::optional<std::string>& wanted_problem, const std::optional<std::string>& wanted_solution) {
    Index problem = index_of(columns, wanted_problem);
    Index solution = index_of(columns, wanted_solution);
    bool by_name = true;
    if (!solution) solution = find_by_name(columns, solution_names, problem);
    if (!problem) problem = find_by_name(columns, problem_names, solution);
    if (!problem || !solution) {
        by_name = false;
        const auto order = by_length(columns.size(), records);
        const auto longest_but = [&](Index taken) {
            const auto found = std::find_if(order.begin(), order.end(), [&](std::size_t i) { return taken != i; });
            return found == order.end() ? Index() : Index(*found);
        };
        if (!problem && !solution && columns.size() > 1) {
            problem = std::min(order[0], order[1]);
            solution = std::max(order[0], order[1]);
        } else if (!solution) {
            // The only column of a table is what is to be learnt, whatever its name.
            if (columns.size() == 1 && !wanted_problem) problem.reset();
            solution = longest_but(problem);
        } else {
            problem = longest_but(solution);
        }
    }

    ColumnGuess guess;
    if (problem) guess.problem = columns[*problem];
    if (solution) guess.solution = columns[*solution];
    if (!guess.solution) {
        guess.note = "No column is left for the solution.";
    } else if (!guess.problem) {
        guess.note = "There is one column; it is read as plain text to learn, without a problem.";
    } else {
        guess.note = "\"" + *guess.problem + "\" is taken for the problem and \"" + *guess.solution + "\" for the solution, " +
                     (by_name ? "by their names." : "because they hold the most text.");
    }
    return guess;
}

}  // namespace lossmith
