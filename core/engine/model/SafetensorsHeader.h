// The JSON header of a safetensors file, checked in full before any weight is read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace lossmith::engine {

struct SafetensorsEntry {
    std::string name;
    std::string type;  ///< as the file spells it: "F32", "BF16", …
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  ///< bytes from the end of the header
    std::uint64_t end = 0;
};

struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries;  ///< by begin
    std::map<std::string, std::string> metadata;
};

/// Headers above this are refused, as the reference implementation does.
constexpr std::uint64_t largest_safetensors_header = 100'000'000;

/// Bytes an element takes; zero for a type the format does not have.
[[nodiscard]] std::uint64_t safetensors_element_size(std::string_view type);

/// Parses and checks a header whose tensors must fill exactly `data_bytes` bytes.
[[nodiscard]] Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, std::uint64_t data_bytes);

}  // namespace lossmith::engine
