#include "core/tokenizer/BytePairMerger.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace lossmith {
namespace {

constexpr std::size_t longest_short_piece = 128;
/// Places in a piece are 32-bit. A run of letters beyond this is cut: no text has one, only an attack.
constexpr std::size_t longest_piece = std::size_t{1} << 30U;

/// The symbols of a long piece, linked so that a merge moves nothing, and the pairs that wait to be merged.
class MergeChain {
public:
    MergeChain(const MergeTable& merges, std::string_view piece, const BytePairMerger::ByteIds& byte_ids) : m_merges(merges) {
        const std::size_t count = piece.size();
        m_links.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            m_links[i] = {byte_ids[static_cast<unsigned char>(piece[i])], static_cast<std::uint32_t>(i) - 1,
                          static_cast<std::uint32_t>(i) + 1};
        }
        m_links.front().previous = nothing;
        m_links.back().next = nothing;
        for (std::size_t i = 0; i + 1 < count; ++i) {
            const auto found = m_merges.find(m_links[i].id, m_links[i + 1].id);
            if (found.rank != MergeTable::no_rule) m_waiting.push_back(packed(found.rank, static_cast<std::uint32_t>(i)));
        }
        std::ranges::make_heap(m_waiting, std::greater<>{});
    }

    void merge_all() {
        while (!m_waiting.empty()) {
            std::ranges::pop_heap(m_waiting, std::greater<>{});
            const std::uint64_t entry = m_waiting.back();
            m_waiting.pop_back();
            merge_at(static_cast<std::uint32_t>(entry), static_cast<std::uint32_t>(entry >> 32U));
        }
    }

    void append_to(std::vector<TokenId>& ids) const {
        for (std::uint32_t at = 0; at != nothing; at = m_links[at].next) ids.push_back(m_links[at].id);
    }

private:
    static constexpr std::uint32_t nothing = UINT32_MAX;
    struct Link {
        TokenId id;
        std::uint32_t previous;
        std::uint32_t next;
    };

    static std::uint64_t packed(std::uint32_t rank, std::uint32_t at) { return (static_cast<std::uint64_t>(rank) << 32U) | at; }

    /// An entry outlives the pair it was made for when a neighbour merged first; then the pair there has another rank or none.
    void merge_at(std::uint32_t at, std::uint32_t rank) {
        Link& left = m_links[at];
        if (left.next == nothing || left.next == gone) return;
        const std::uint32_t removed = left.next;
        const auto found = m_merges.find(left.id, m_links[removed].id);
        if (found.rank != rank) return;
        left.id = found.merged;
        left.next = m_links[removed].next;
        m_links[removed].next = gone;
        if (left.next != nothing) m_links[left.next].previous = at;
        push(at);
        if (left.previous != nothing) push(left.previous);
    }

    void push(std::uint32_t at) {
        const std::uint32_t next = m_links[at].next;
        if (next == nothing) return;
        const auto found = m_merges.find(m_links[at].id, m_links[next].id);
        if (found.rank == MergeTable::no_rule) return;
        m_waiting.push_back(packed(found.rank, at));
        std::ranges::push_heap(m_waiting, std::greater<>{});
    }

    static constexpr std::uint32_t gone = UINT32_MAX - 1;

    const MergeTable& m_merges;
    std::vector<Link> m_links;
    std::vector<std::uint64_t> m_waiting;  ///< a heap of rank and place, least first
};

}  // namespace

MergeTable::MergeTable(const std::vector<MergeRule>& rules) : m_slots(std::bit_ceil(rules.size() * 2 + 2)), m_mask(m_slots.size() - 1) {
    for (std::size_t rank = 0; rank < rules.size(); ++rank) {
        const MergeRule& rule = rules[rank];
        std::size_t slot = slot_of(rule.left, rule.right);
        while (m_slots[slot].found.rank != no_rule && (m_slots[slot].left != rule.left || m_slots[slot].right != rule.right))
            slot = (slot + 1) & m_mask;
        m_slots[slot] = {rule.left, rule.right, {static_cast<std::uint32_t>(rank), rule.merged}};
    }
}

void BytePairMerger::merge(std::string_view piece, std::vector<TokenId>& ids) {
    if (piece.size() <= longest_short_piece) return merge_short(piece, ids);
    for (std::size_t begin = 0; begin < piece.size(); begin += longest_piece) merge_long(piece.substr(begin, longest_piece), ids);
}

void BytePairMerger::merge_short(std::string_view piece, std::vector<TokenId>& ids) {
    std::array<TokenId, longest_short_piece> symbols;
    std::array<MergeTable::Found, longest_short_piece> pairs;  // pairs[i] is symbols i and i + 1
    std::size_t count = piece.size();
    for (std::size_t i = 0; i < count; ++i) symbols[i] = m_byte_ids[static_cast<unsigned char>(piece[i])];
    for (std::size_t i = 0; i + 1 < count; ++i) pairs[i] = m_merges.find(symbols[i], symbols[i + 1]);
    while (count > 1) {
        std::size_t first = 0;
        for (std::size_t i = 1; i + 1 < count; ++i)
            if (pairs[i].rank < pairs[first].rank) first = i;
        if (pairs[first].rank == MergeTable::no_rule) break;
        symbols[first] = pairs[first].merged;
        --count;
        for (std::size_t i = first + 1; i < count; ++i) symbols[i] = symbols[i + 1];
        for (std::size_t i = first + 1; i + 1 < count; ++i) pairs[i] = pairs[i + 1];
        if (first + 1 < count) pairs[first] = m_merges.find(symbols[first], symbols[first + 1]);
        if (first > 0) pairs[first - 1] = m_merges.find(symbols[first - 1], symbols[first]);
    }
    ids.insert(ids.end(), symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(count));
}

void BytePairMerger::merge_long(std::string_view piece, std::vector<TokenId>& ids) {
    MergeChain chain(m_merges, piece, m_byte_ids);
    chain.merge_all();
    chain.append_to(ids);
}

}  // namespace lossmith
