// The tokens' bytes by id, and their ids by bytes, in two flat arrays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lossmith {

using TokenId = std::int32_t;

class TokenTable {
public:
    void reserve(std::size_t tokens, std::size_t bytes);

    /// Gives `bytes` the next id. Two tokens may have the same bytes; find() then gives the one that index() saw first.
    TokenId append(std::string_view bytes);

    /// Makes the token findable by its bytes; false when another with the same bytes already is.
    bool index(TokenId id);

    [[nodiscard]] std::size_t size() const { return m_ends.size(); }

    /// Empty outside the table.
    [[nodiscard]] std::string_view bytes_of(TokenId id) const {
        if (id < 0 || static_cast<std::size_t>(id) >= m_ends.size()) return {};
        const auto place = static_cast<std::size_t>(id);
        const std::size_t begin = place == 0 ? 0 : m_ends[place - 1];
        return {m_bytes.data() + begin, m_ends[place] - begin};
    }

    [[nodiscard]] std::optional<TokenId> find(std::string_view bytes) const;

private:
    void grow_index();

    std::string m_bytes;
    std::vector<std::uint32_t> m_ends;  ///< where each token's bytes end in m_bytes
    std::vector<TokenId> m_slots;       ///< open addressing by hash of the bytes; -1: free
    std::size_t m_indexed = 0;
};

}  // namespace lossmith
