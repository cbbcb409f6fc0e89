#include "core/data/LineReader.h"

#include <algorithm>

namespace lossmith {

Result<bool> LineReader::next(Line& line) {
    line.text.clear();
    line.cut = false;
    line.number = ++m_number;
    bool any = false;
    while (LOSSMITH_TRY(m_source.refill())) {
        any = true;
        const std::string_view window = m_source.window();
        const auto end = window.find('\n');
        const std::string_view part = window.substr(0, end);
        const std::size_t room = m_longest - std::min(m_longest, line.text.size());
        line.cut = line.cut || part.size() > room;
        line.text.append(part.substr(0, room));
        m_source.take(end == std::string_view::npos ? part.size() : part.size() + 1);
        if (end != std::string_view::npos) break;
    }
    if (!line.cut && !line.text.empty() && line.text.back() == '\r') line.text.pop_back();
    return any;
}

}  // namespace lossmith
