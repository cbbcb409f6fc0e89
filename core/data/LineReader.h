// A text's lines, ended by LF or CR LF, one at a time and never more of one than a limit.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/Result.h"
#include "core/data/TextSource.h"

namespace lossmith {

class LineReader {
public:
    LineReader(TextSource& source, std::size_t longest) : m_source(source), m_longest(longest) {}

    struct Line {
        std::int64_t number = 0;  ///< from one
        std::string text;         ///< without its end
        bool cut = false;         ///< it was longer than the limit, and the rest is lost
    };

    /// False at the end of the text. A last line without end is a line unless it is empty.
    [[nodiscard]] Result<bool> next(Line& line);

private:
    TextSource& m_source;
    std::size_t m_longest;
    std::int64_t m_number = 0;
};

}  // namespace lossmith
