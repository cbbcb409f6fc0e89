// What the steps of a run hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/config/RunConfig.h"

namespace bench {

/// Real tokens of each of the first `max_steps` steps: the plan is a function of the rows' lengths and the config, whose model is a folder
/// or the starter and whose template is the project's where it has none. Ends this program where they can not be told.
[[nodiscard]] std::vector<std::int64_t> tokens_of_steps(const std::filesystem::path& project, lossmith::RunConfig config);

}  // namespace bench
