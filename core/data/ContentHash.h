// A hash of bytes that is the same on every machine and in every version: splits and duplicate detection stand on it.
#pragma once

#include <cstdint>
#include <string_view>

namespace lossmith {

struct ContentHash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const ContentHash&) const = default;
};

/// MurmurHash3_x64_128 (Austin Appleby, public domain), with a 64-bit seed.
[[nodiscard]] ContentHash content_hash(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace lossmith
