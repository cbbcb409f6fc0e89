#include "core/engine/devices/FirstFit.h"

#include <algorithm>
#include <iterator>

namespace lossmith::engine {

FirstFit::FirstFit(std::size_t size) {
    if (size > 0) m_free.emplace(0, size);
}

std::optional<std::size_t> FirstFit::take(std::size_t size) {
    const auto found = std::ranges::find_if(m_free, [size](const auto& stretch) { return stretch.second >= size; });
    if (found == m_free.end()) return std::nullopt;
    const auto [begin, free] = *found;
    m_free.erase(found);
    if (free > size) m_free.emplace(begin + size, free - size);
    m_taken.emplace(begin, size);
    m_taken_bytes += size;
    m_reached = std::max(m_reached, begin + size);
    return begin;
}

void FirstFit::give_back(std::size_t begin) {
    const auto taken = m_taken.find(begin);
    if (taken == m_taken.end()) return;
    std::size_t size = taken->second;
    m_taken_bytes -= size;
    m_taken.erase(taken);
    const auto after = m_free.lower_bound(begin);
    if (after != m_free.end() && after->first == begin + size) {
        size += after->second;
        m_free.erase(after);
    }
    const auto next = m_free.lower_bound(begin);
    if (next != m_free.begin() && std::prev(next)->first + std::prev(next)->second == begin)
        std::prev(next)->second += size;
    else
        m_free.emplace(begin, size);
}

}  // namespace lossmith::engine
