// Rows and columns for people to read, or as CSV for programs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lossmith::cli {

class Table {
public:
    explicit Table(std::vector<std::string> headings) : m_headings(std::move(headings)) {}

    /// One cell for each heading.
    void add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }

    /// Columns aligned by characters; control characters shown as blanks and long cells cut, so that no cell can spoil the terminal.
    [[nodiscard]] std::string text() const;
    /// RFC 4180, with LF.
    [[nodiscard]] std::string csv() const;

private:
    std::vector<std::string> m_headings;
    std::vector<std::vector<std::string>> m_rows;
};

/// One line of `text` without control characters, at most `characters` long.
[[nodiscard]] std::string on_one_line(const std::string& text, std::size_t characters = 60);

/// 12345678 as "12,345,678".
[[nodiscard]] std::string with_commas(std::int64_t number);

/// The shortest decimal number that reads back as the same double; "nan", "inf" and "-inf" where it is none.
[[nodiscard]] std::string exact(double number);

/// 0.1234 as "0.123".
[[nodiscard]] std::string three_places(double number);

}  // namespace lossmith::cli
