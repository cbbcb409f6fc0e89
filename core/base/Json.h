// The one JSON type of the project, and reading it from a file with a sentence when it is wrong.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/Result.h"

namespace lossmith {

using Json = nlohmann::json;

/// Parses UTF-8 text. The error names the line and column. Depth is limited to 200 so that hostile nesting is refused.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const std::string& name = {});

/// Reads a whole file of at most `limit` bytes and parses it.
[[nodiscard]] Result<Json> read_json_file(const std::filesystem::path& path, std::size_t limit = 64U << 20U);

/// A member's text, or "" where `json` is no object, has no such member or another kind of it. For data of which a part may be missing.
[[nodiscard]] std::string string_or_empty(const Json& json, const char* name);

/// The same for a number, or 0.
[[nodiscard]] double number_or_zero(const Json& json, const char* name);

}  // namespace lossmith
