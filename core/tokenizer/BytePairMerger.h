// Byte-pair merging of one piece of text: the neighbours with the earliest rule merge first, the leftmost of equals.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/tokenizer/TokenTable.h"

namespace lossmith {

/// Two neighbouring tokens and the one that takes their place. A rule's rank is its place in the list.
struct MergeRule {
    TokenId left;
    TokenId right;
    TokenId merged;
};

/// The rules by pair. A pair named twice has the rank of its last rule, as in transformers.
class MergeTable {
public:
    static constexpr std::uint32_t no_rule = UINT32_MAX;

    explicit MergeTable(const std::vector<MergeRule>& rules);

    struct Found {
        std::uint32_t rank = no_rule;
        TokenId merged = -1;
    };
    [[nodiscard]] Found find(TokenId left, TokenId right) const {
        for (std::size_t slot = slot_of(left, right);; slot = (slot + 1) & m_mask) {
            const Slot& entry = m_slots[slot];
            if (entry.found.rank == no_rule) return {};
            if (entry.left == left && entry.right == right) return entry.found;
        }
    }

private:
    struct Slot {
        TokenId left = -1;
        TokenId right = -1;
        Found found;
    };
    [[nodiscard]] std::size_t slot_of(TokenId left, TokenId right) const {
        const auto pair = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U) | static_cast<std::uint32_t>(right);
        const std::uint64_t mixed = (pair ^ (pair >> 29U)) * 0x9E3779B97F4A7C15ULL;
        return static_cast<std::size_t>(mixed >> 32U) & m_mask;
    }

    std::vector<Slot> m_slots;
    std::size_t m_mask = 0;
};

/// A byte without a token of its own is given as this, less than zero, and merges with nothing.
[[nodiscard]] constexpr TokenId lacking_byte(unsigned char byte) {
    return -1 - static_cast<TokenId>(byte);
}

/// Merges with working memory of its own; for one thread at a time. Refers to a table that must outlive it.
class BytePairMerger {
public:
    using ByteIds = std::array<TokenId, 256>;

    BytePairMerger(const MergeTable& merges, const ByteIds& byte_ids) : m_merges(merges), m_byte_ids(byte_ids) {}

    /// Appends the ids of `piece`. Takes time in n² up to 128 bytes, where that is quickest, and n log n beyond.
    void merge(std::string_view piece, std::vector<TokenId>& ids);

private:
    void merge_short(std::string_view piece, std::vector<TokenId>& ids);
    void merge_long(std::string_view piece, std::vector<TokenId>& ids);

    const MergeTable& m_merges;
    const ByteIds& m_byte_ids;
};

}  // namespace lossmith
