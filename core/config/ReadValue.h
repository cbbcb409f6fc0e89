// Reading the parts of a run's config from within it, so that their errors carry the path ("sampling.top_p").
#pragma once

#include <string>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/LoraSpec.h"
#include "core/config/LossSpec.h"
#include "core/config/RewardSpec.h"
#include "core/config/SamplingConfig.h"

namespace lossmith {

/// A loss or a reward may be an object or just the name as a string.
[[nodiscard]] Status read_value(const Json& json, const std::string& path, LossSpec& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, RewardSpec& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, SamplingConfig& target);
[[nodiscard]] Status read_value(const Json& json, const std::string& path, LoraSpec& target);

}  // namespace lossmith
