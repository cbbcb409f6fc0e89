#include "core/data/DuplicateSet.h"

#include <algorithm>
#include <bit>

#include "core/data/ContentHash.h"

namespace lossmith {

namespace {

constexpr unsigned shard_bits = 12;

/// The upper half of the product: spreads hashes over any number of slots, not only powers of two.
std::size_t first_slot(std::uint64_t hash, std::size_t slots) {
    const std::uint64_t high = (hash >> 32U) * slots;
    const std::uint64_t low = (hash & 0xffffffffU) * slots;
    return static_cast<std::size_t>((high + (low >> 32U)) >> 32U);
}

}  // namespace

DuplicateSet::DuplicateSet() : m_shards(std::size_t{1} << shard_bits) {}

bool DuplicateSet::add(std::string_view problem, std::string_view solution) {
    const ContentHash first = content_hash(problem);
    const ContentHash second = content_hash(solution, first.low);
    const std::uint64_t stored = std::max<std::uint64_t>(1, second.low ^ std::rotl(first.high, 1));
    Shard& shard = m_shards[(second.high ^ first.low) >> (64 - shard_bits)];
    if (shard.used * 20 >= shard.slots.size() * 17) grow(shard);
    if (!insert(shard.slots, stored)) return false;
    ++shard.used;
    return true;
}

std::size_t DuplicateSet::bytes() const {
    std::size_t sum = m_shards.size() * sizeof(Shard);
    for (const Shard& shard : m_shards) sum += shard.slots.capacity() * sizeof(std::uint64_t);
    return sum;
}

bool DuplicateSet::insert(std::vector<std::uint64_t>& slots, std::uint64_t hash) {
    for (std::size_t slot = first_slot(hash, slots.size());; slot = slot + 1 == slots.size() ? 0 : slot + 1) {
        if (slots[slot] == hash) return false;
        if (slots[slot] == 0) {
            slots[slot] = hash;
            return true;
        }
    }
}

void DuplicateSet::grow(Shard& shard) {
    std::vector<std::uint64_t> larger(std::max<std::size_t>(8, shard.slots.size() + shard.slots.size() / 4));
    for (const std::uint64_t hash : shard.slots)
        if (hash != 0) insert(larger, hash);
    shard.slots = std::move(larger);
}

}  // namespace lossmith
