#include "core/tokenizer/TokenTable.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace lossmith {

void TokenTable::reserve(std::size_t tokens, std::size_t bytes) {
    m_bytes.reserve(bytes);
    m_ends.reserve(tokens);
    m_slots.assign(std::bit_ceil(tokens * 2 + 16), -1);
}

TokenId TokenTable::append(std::string_view bytes) {
    m_bytes.append(bytes);
    m_ends.push_back(static_cast<std::uint32_t>(m_bytes.size()));
    return static_cast<TokenId>(m_ends.size() - 1);
}

bool TokenTable::index(TokenId id) {
    if ((m_indexed + 1) * 2 > m_slots.size()) grow_index();
    const std::string_view bytes = bytes_of(id);
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(bytes)&mask;
    for (; m_slots[slot] >= 0; slot = (slot + 1) & mask)
        if (bytes_of(m_slots[slot]) == bytes) return false;
    m_slots[slot] = id;
    ++m_indexed;
    return true;
}

void TokenTable::grow_index() {
    std::vector<TokenId> old = std::move(m_slots);
    m_slots.assign(std::max<std::size_t>(16, old.size() * 2), -1);
    m_indexed = 0;
    for (const TokenId id : old)
        if (id >= 0) index(id);
}

std::optional<TokenId> TokenTable::find(std::string_view bytes) const {
    if (m_slots.empty()) return std::nullopt;
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t slot = std::hash<std::string_view>{}(bytes)&mask; m_slots[slot] >= 0; slot = (slot + 1) & mask)
        if (bytes_of(m_slots[slot]) == bytes) return m_slots[slot];
    return std::nullopt;
}

}  // namespace lossmith
