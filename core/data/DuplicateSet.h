// Which pairs of texts have been seen, by their hashes: some thirteen bytes a pair, however long the texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lossmith {

class DuplicateSet {
public:
    DuplicateSet();

    /// False when this pair has been added before. Pairs are told apart by 76 bits of a hash: that two different pairs among ten
    /// million are taken for one has a chance of 7e-10.
    bool add(std::string_view problem, std::string_view solution);

    [[nodiscard]] std::size_t bytes() const;  ///< of memory held

private:
    /// Open addressing; zero is a free slot. Twelve bits of the hash say which shard, so that they need not be stored, and shards grow
    /// one at a time and by a quarter, so that growing never doubles the whole.
    struct Shard {
        std::vector<std::uint64_t> slots;
        std::size_t used = 0;
    };
    static bool insert(std::vector<std::uint64_t>& slots, std::uint64_t hash);
    static void grow(Shard& shard);

    std::vector<Shard> m_shards;
};

}  // namespace lossmith
