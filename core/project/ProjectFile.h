// What a file says about itself before SQLite is let near it: whether it is a project of ours, and of which schema.
#pragma once

#include <filesystem>

#include "core/base/Result.h"

namespace lossmith {

/// The schema number in the header. Refuses, with a sentence, what is not there, not a file, empty, text, another program's database,
/// cut short, or made by a newer version. Nothing is written.
[[nodiscard]] Result<int> inspect_project_file(const std::filesystem::path& path);

/// Renames `from` to `to` unless `to` is there already; BadInput then.
[[nodiscard]] Status put_in_place(const std::filesystem::path& from, const std::filesystem::path& to);

/// `path` made absolute; refuses an empty one, and one that is not UTF-8, which SQLite could not open.
[[nodiscard]] Result<std::filesystem::path> usable_path(const std::filesystem::path& path);

}  // namespace lossmith
