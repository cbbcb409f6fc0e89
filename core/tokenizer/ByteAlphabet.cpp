#include "core/tokenizer/ByteAlphabet.h"

#include <array>
#include <cstdint>

namespace lossmith {
namespace {

/// Printable Latin-1 bytes stand for themselves; the other 68 are the code points from U+0100 on, in order.
constexpr bool stands_for_itself(unsigned byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

constexpr unsigned alphabet_end = 0x100 + 68;

struct Alphabet {
    std::array<std::uint16_t, 256> code_point_of_byte{};
    std::array<std::int16_t, alphabet_end> byte_of_code_point{};  ///< -1: not in the alphabet
};

constexpr Alphabet make_alphabet() {
    Alphabet alphabet;
    alphabet.byte_of_code_point.fill(-1);
    std::uint16_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::uint16_t code_point = stands_for_itself(byte) ? static_cast<std::uint16_t>(byte) : next++;
        alphabet.code_point_of_byte[byte] = code_point;
        alphabet.byte_of_code_point[code_point] = static_cast<std::int16_t>(byte);
    }
    return alphabet;
}

constexpr Alphabet alphabet = make_alphabet();

}  // namespace

bool append_bytes_of_name(std::string_view name, std::string& bytes) {
    const std::size_t start = bytes.size();
    for (std::size_t i = 0; i < name.size(); ++i) {
        unsigned code_point = static_cast<unsigned char>(name[i]);
        if (code_point >= 0x80) {
            // The whole alphabet lies below U+0144, so two bytes of UTF-8 are the most that one of its characters takes.
            const bool two_bytes = code_point >= 0xC2 && code_point <= 0xDF && i + 1 < name.size();
            const unsigned second = two_bytes ? static_cast<unsigned char>(name[++i]) : 0U;
            code_point = (second & 0xC0U) == 0x80U ? ((code_point & 0x1FU) << 6U) | (second & 0x3FU) : alphabet_end;
        }
        const int byte = code_point < alphabet_end ? alphabet.byte_of_code_point[code_point] : -1;
        if (byte < 0) {
            bytes.resize(start);
            return false;
        }
        bytes.push_back(static_cast<char>(byte));
    }
    return true;
}

std::string name_of_bytes(std::string_view bytes) {
    std::string name;
    name.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const unsigned code_point = alphabet.code_point_of_byte[static_cast<unsigned char>(c)];
        if (code_point < 0x80) {
            name.push_back(static_cast<char>(code_point));
        } else {
            name.push_back(static_cast<char>(0xC0U | (code_point >> 6U)));
            name.push_back(static_cast<char>(0x80U | (code_point & 0x3FU)));
        }
    }
    return name;
}

}  // namespace lossmith
