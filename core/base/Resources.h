// Where the files that ship with the program lie.
#pragma once

#include <filesystem>

#include "core/base/Result.h"

namespace lossmith {

/// The resources folder: $LOSSMITH_RESOURCES, else ../share/lossmith/resources beside the program (installed),
/// else the source tree's resources/ that the build was made from.
[[nodiscard]] Result<std::filesystem::path> resources_folder();

/// A file or folder in it, e.g. "starter-model". NotFound with the places that were tried.
[[nodiscard]] Result<std::filesystem::path> resource(const std::filesystem::path& name);

}  // namespace lossmith
