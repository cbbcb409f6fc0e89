#include "core/data/DuplicateSet.h"

#include <bit>

namespace lossmith {

bool DuplicateSet::add(std::string_view problem, std::string_view solution) {
    const ContentHash first = content_hash(problem);
    const ContentHash second = content_hash(solution, first.low);
    ContentHash both{second.low ^ std::rotl(first.high, 1), second.high ^ first.low};
    if (both == ContentHash{}) both.low = 1;
    Shard& shard = m_shards[both.high % m_shards.size()];
    if (shard.used * 5 >= shard.slots.size() * 4) grow(shard);
    return insert(shard, both);
}

bool DuplicateSet::insert(Shard& shard, const ContentHash& hash) {
    const std::size_t mask = shard.slots.size() - 1;
    for (std::size_t slot = hash.low & mask;; slot = (slot + 1) & mask) {
        if (shard.slots[slot] == hash) return false;
        if (shard.slots[slot] == ContentHash{}) {
            shard.slots[slot] = hash;
            ++shard.used;
            return true;
        }
    }
}

void DuplicateSet::grow(Shard& shard) {
    Shard larger;
    larger.slots.resize(shard.slots.empty() ? 16 : shard.slots.size() * 2);
    for (const auto& hash : shard.slots)
        if (!(hash == ContentHash{})) insert(larger, hash);
    shard = std::move(larger);
}

}  // namespace lossmith
