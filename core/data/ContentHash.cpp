#include "core/data/ContentHash.h"

#include <bit>
#include <cstddef>

namespace lossmith {
namespace {

constexpr std::uint64_t first_factor = 0x87c37b91114253d5ULL;
constexpr std::uint64_t second_factor = 0x4cf5ad432745937fULL;

/// Up to eight bytes, the first the least, so that machines of either byte order agree.
std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
}

std::uint64_t mixed_low(std::uint64_t word) {
    return std::rotl(word * first_factor, 31) * second_factor;
}
std::uint64_t mixed_high(std::uint64_t word) {
    return std::rotl(word * second_factor, 33) * first_factor;
}

std::uint64_t finalised(std::uint64_t word) {
    word = (word ^ (word >> 33)) * 0xff51afd7ed558ccdULL;
    word = (word ^ (word >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return word ^ (word >> 33);
}

}  // namespace

ContentHash content_hash(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t low = seed;
    std::uint64_t high = seed;
    std::string_view rest = bytes;
    for (; rest.size() >= 16; rest.remove_prefix(16)) {
        low = (std::rotl(low ^ mixed_low(little_endian(rest.substr(0, 8))), 27) + high) * 5 + 0x52dce729;
        high = (std::rotl(high ^ mixed_high(little_endian(rest.substr(8, 8))), 31) + low) * 5 + 0x38495ab5;
    }
    if (rest.size() > 8) high ^= mixed_high(little_endian(rest.substr(8)));
    if (!rest.empty()) low ^= mixed_low(little_endian(rest.substr(0, 8)));
    low ^= bytes.size();
    high ^= bytes.size();
    low += high;
    high += low;
    low = finalised(low);
    high = finalised(high);
    low += high;
    high += low;
    return {low, high};
}

}  // namespace lossmith
