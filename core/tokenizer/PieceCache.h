// Ids of pieces merged before: most pieces of a text are words that it has had already.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "core/tokenizer/TokenTable.h"

namespace lossmith {

/// A fixed 4 MiB, in which a new piece takes the place of an old one; for one thread at a time.
class PieceCache {
public:
    /// A piece padded to 32 bytes, its length in the last. Pieces that do not fit have no key.
    struct Key {
        std::array<std::uint64_t, 4> words{};
        bool operator==(const Key&) const = default;
    };
    struct Entry {
        Key key;
        std::array<TokenId, 7> ids;
        std::uint32_t count;  ///< zero: a free place
    };
    static_assert(sizeof(Entry) == 64);

    static constexpr std::size_t longest_piece = 31;

    PieceCache() : m_entries(std::size_t{2} << set_bits) {}

    /// The key of text[begin, end), at most longest_piece bytes.
    [[nodiscard]] static Key key_of(std::string_view text, std::size_t begin, std::size_t end) {
        const std::size_t length = end - begin;
        Key key;
        if constexpr (std::endian::native == std::endian::little) {
            // Whole words are read where the text goes on far enough, and what lies past the piece is masked away.
            if (length <= 16 && length > 0 && text.size() - begin >= 16) {
                std::memcpy(key.words.data(), text.data() + begin, 16);
                if (length <= 8) {
                    key.words[0] &= ~std::uint64_t{0} >> (64 - 8 * length);
                    key.words[1] = 0;
                } else {
                    key.words[1] &= ~std::uint64_t{0} >> (128 - 8 * length);
                }
                key.words[3] = static_cast<std::uint64_t>(length) << 56U;
                return key;
            }
        }
        std::memcpy(key.words.data(), text.data() + begin, length);
        key.words[3] |= static_cast<std::uint64_t>(length) << (std::endian::native == std::endian::little ? 56U : 0U);
        return key;
    }

    [[nodiscard]] const Entry* find(const Key& key) const {
        const std::size_t place = place_of(key);
        for (const std::size_t way : {place, place + 1}) {
            const Entry& entry = m_entries[way];
            if (entry.count > 0 && entry.key == key) return &entry;
        }
        return nullptr;
    }

    /// Keeps the ids if they fit into an entry. Of the two places for this key the older is given up.
    void keep(const Key& key, std::span<const TokenId> ids) {
        if (ids.empty() || ids.size() > std::tuple_size_v<decltype(Entry::ids)>) return;
        const std::size_t place = place_of(key);
        m_entries[place + 1] = m_entries[place];
        Entry& entry = m_entries[place];
        entry.key = key;
        entry.count = static_cast<std::uint32_t>(ids.size());
        std::memcpy(entry.ids.data(), ids.data(), ids.size_bytes());
    }

private:
    static constexpr unsigned set_bits = 15;

    [[nodiscard]] static std::size_t place_of(const Key& key) {
        const std::uint64_t mixed =
            (key.words[0] ^ std::rotl(key.words[1], 23) ^ std::rotl(key.words[2], 41) ^ key.words[3]) * 0x9E3779B97F4A7C15ULL;
        const std::uint64_t again = (mixed ^ (mixed >> 32U)) * 0xD6E8FEB86659FD93ULL;
        return static_cast<std::size_t>(again >> (64 - set_bits)) * 2;
    }

    std::vector<Entry> m_entries;
};

}  // namespace lossmith
