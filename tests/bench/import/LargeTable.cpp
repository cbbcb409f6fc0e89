#include "tests/bench/import/LargeTable.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace bench {

namespace {

/// Of this length, cut where a character and a pair of quotes is whole.
std::string filler_of(std::size_t length) {
    const std::string piece =
        "the kettle, which I bought in March, hums and then stops; the label says \"\"220 V\"\" and the lamp stays dark\n"
        "Été comme hiver it does the same, whatever I press. ";
    std::string text;
    while (text.size() + piece.size() <= length) text += piece;
    const std::string rest = piece.substr(0, std::min(length - text.size(), piece.find('"')));
    return text + rest;
}

}  // namespace

bool write_large_table(const std::filesystem::path& path, std::int64_t bytes, std::int64_t row_bytes) {
    std::ofstream file(path, std::ios::binary);
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(0, row_bytes - 50));
    const std::string problem = filler_of(room * 2 / 3);
    const std::string solution = filler_of(room / 3);
    file << "id,problem,solution\n";
    std::int64_t written = 0;
    std::string line;
    for (std::int64_t row = 0; written < bytes; ++row) {
        const std::string number = std::to_string(row);
        line = number + ",\"Complaint " + number + ": " + problem + "\",\"Reply " + number + ": " + solution + "\"\n";
        file << line;
        written += static_cast<std::int64_t>(line.size());
    }
    file.flush();
    return file.good();
}

}  // namespace bench
