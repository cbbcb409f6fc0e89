// A large CSV of rows that all differ, with quotes, commas, line ends and letters beyond ASCII.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

/// `row_bytes`: about so long is each row. False when it cannot be written.
[[nodiscard]] bool write_large_table(const std::filesystem::path& path, std::int64_t bytes, std::int64_t row_bytes);

}  // namespace bench
