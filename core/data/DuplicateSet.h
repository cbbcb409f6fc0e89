// Which pairs of texts have been seen, by their hashes: some 25 bytes a pair, however long the texts.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "core/data/ContentHash.h"

namespace lossmith {

class DuplicateSet {
public:
    /// False when this pair has been added before. With 128 bits, two different pairs among a thousand million are taken for
    /// one with a chance of 1e-21.
    bool add(std::string_view problem, std::string_view solution);

private:
    /// Open addressing; an all-zero slot is free. Shards grow one at a time, so that growing never doubles the whole.
    struct Shard {
        std::vector<ContentHash> slots;
        std::size_t used = 0;
    };
    static bool insert(Shard& shard, const ContentHash& hash);
    static void grow(Shard& shard);

    std::array<Shard, 64> m_shards;
};

}  // namespace lossmith
