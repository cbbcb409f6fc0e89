// Names found in files, made fit to stand in a sentence.
#pragma once

#include <string>
#include <string_view>

namespace lossmith::engine {

/// The name in quotes: at most 100 characters of it, bytes that are not UTF-8 replaced.
[[nodiscard]] std::string in_quotes(std::string_view name);

}  // namespace lossmith::engine
