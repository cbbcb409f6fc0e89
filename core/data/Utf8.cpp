#include "core/data/Utf8.h"

#include <cstdint>
#include <cstring>

namespace lossmith {
namespace {

unsigned char at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

/// The length a character with this first byte has, 0 when no character begins so, and the range of its second byte.
struct Lead {
    std::size_t length;
    unsigned char lowest;
    unsigned char highest;
};

Lead lead_of(unsigned char first) {
    if (first < 0x80) return {1, 0, 0};
    if (first < 0xC2) return {0, 0, 0};
    if (first < 0xE0) return {2, 0x80, 0xBF};
    if (first == 0xE0) return {3, 0xA0, 0xBF};
    if (first == 0xED) return {3, 0x80, 0x9F};
    if (first < 0xF0) return {3, 0x80, 0xBF};
    if (first == 0xF0) return {4, 0x90, 0xBF};
    if (first < 0xF4) return {4, 0x80, 0xBF};
    if (first == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

/// How many of the character's bytes at the front of `bytes` are as they must be.
std::size_t good_bytes(std::string_view bytes, const Lead& lead) {
    std::size_t good = 1;
    while (good < lead.length && good < bytes.size()) {
        const unsigned char next = at(bytes, good);
        const unsigned char lowest = good == 1 ? lead.lowest : 0x80;
        const unsigned char highest = good == 1 ? lead.highest : 0xBF;
        if (next < lowest || next > highest) break;
        ++good;
    }
    return good;
}

}  // namespace

std::size_t valid_utf8_length(std::string_view bytes) {
    std::size_t position = 0;
    while (position < bytes.size()) {
        if (bytes.size() - position >= 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, bytes.data() + position, 8);
            if ((eight & 0x8080808080808080ULL) == 0) {
                position += 8;
                continue;
            }
        }
        const Lead lead = lead_of(at(bytes, position));
        if (lead.length == 0 || good_bytes(bytes.substr(position), lead) < lead.length) return position;
        position += lead.length;
    }
    return position;
}

bool is_unfinished_utf8(std::string_view bytes) {
    if (bytes.empty()) return false;
    const Lead lead = lead_of(at(bytes, 0));
    return bytes.size() < lead.length && good_bytes(bytes, lead) == bytes.size();
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    std::size_t end = limit;
    for (int back = 0; back < 3 && end > 0 && (at(text, end) & 0xC0) == 0x80; ++back) --end;
    return text.substr(0, end);
}

}  // namespace lossmith
