// What settings of generation do to a model that knows the answer.
#pragma once

#include <vector>

#include "core/base/Result.h"
#include "core/diagnosis/Evidence.h"
#include "core/engine/inspection/AskedRows.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::engine {

/// The run's own settings and those of the texts last had from it, where they are not simply the most probable token.
[[nodiscard]] Result<std::vector<SamplingEffect>> sampling_effects(Project& project, std::int64_t run, const RunConfig& config,
                                                                   const LoadedModel& tuned, const std::vector<AskedRow>& rows);

}  // namespace lossmith::engine
