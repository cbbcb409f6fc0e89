// GPT-2's way of writing bytes as printable characters: its vocabulary files name the token " a" as "Ġa".
#pragma once

#include <string>
#include <string_view>

namespace lossmith {

/// Appends the bytes that `name` stands for. A name with a character outside the alphabet is not in this spelling at all:
/// then nothing is appended and the answer is false.
bool append_bytes_of_name(std::string_view name, std::string& bytes);

/// The name of `bytes` in vocabulary files.
[[nodiscard]] std::string name_of_bytes(std::string_view bytes);

}  // namespace lossmith
