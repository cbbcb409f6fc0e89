// Aligning cells and quoting them.
#include "app/lossmith-cli/Table.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <system_error>

namespace lossmith::cli {

namespace {

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

std::size_t characters_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string quoted_cell(const std::string& cell) {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string text = "\"";
    for (const char byte : cell) text += byte == '"' ? "\"\"" : std::string(1, byte);
    return text + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        if (&cell != &cells.front()) line += ',';
        line += quoted_cell(cell);
    }
    return line + "\n";
}

}  // namespace

std::string on_one_line(const std::string& text, std::size_t characters) {
    std::string line;
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (starts_character(text[i]) && ++count > characters) return line + "…";
        // The second byte of U+0080 to U+009F, which terminals obey too.
        const bool control = byte < 0x20 || byte == 0x7F;
        const bool high_control = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        line += control ? ' ' : text[i];
        if (high_control) {
            line.back() = ' ';
            ++i;
        }
    }
    return line;
}

std::string Table::text() const {
    std::vector<std::vector<std::string>> lines = {m_headings};
    for (const auto& row : m_rows) {
        lines.emplace_back();
        for (const std::string& cell : row) lines.back().push_back(on_one_line(cell));
    }
    std::vector<std::size_t> widths(m_headings.size(), 0);
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], characters_of(line[i]));
    std::string text;
    for (const auto& line : lines) {
        std::string out;
        for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i) {
            out += line[i];
            if (i + 1 < line.size()) out += std::string(widths[i] - characters_of(line[i]) + 2, ' ');
        }
        text += out + "\n";
    }
    return text;
}

std::string Table::csv() const {
    std::string text = csv_line(m_headings);
    for (const auto& row : m_rows) text += csv_line(row);
    return text;
}

std::string with_commas(std::int64_t number) {
    std::string digits = std::to_string(number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t place = digits.size(); place > first + 3;) {
        place -= 3;
        digits.insert(place, ",");
    }
    return digits;
}

std::string exact(double number) {
    char buffer[64];
    const auto [end, problem] = std::to_chars(buffer, buffer + sizeof buffer, number);
    return problem == std::errc() ? std::string(buffer, end) : std::string();
}

std::string three_places(double number) {
    char text[48];
    std::snprintf(text, sizeof text, "%.3f", number);
    return text;
}

}  // namespace lossmith::cli
