// Whole small files, read with a limit and written so that a crash or a full disk leaves the old one whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/Result.h"

namespace lossmith {

/// The file's bytes. BadInput above `limit` bytes, NotFound when it is not there.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = 256U << 20U);

/// Writes to a temporary name beside `path`, fsyncs, renames over it, fsyncs the folder.
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// fsyncs a file already written by other means, and then its folder. For large files written piecewise.
[[nodiscard]] Status flush_to_disk(const std::filesystem::path& path);

/// SHA-256 of a file in lower-case hexadecimal.
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// SHA-256 of bytes in lower-case hexadecimal.
[[nodiscard]] std::string sha256_of(std::string_view bytes);

}  // namespace lossmith
