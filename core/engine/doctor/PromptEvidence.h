// How prompts at generation differ from those of training, and what that costs.
#pragma once

#include <vector>

#include "core/base/Result.h"
#include "core/diagnosis/Evidence.h"
#include "core/engine/inspection/AskedRows.h"
#include "core/engine/model/LoadedModel.h"
#include "core/project/PromptStore.h"

namespace lossmith::engine {

/// The texts kept in the project that were had from a checkpoint of the run, newest first.
[[nodiscard]] Result<std::vector<Generation>> texts_of_run(Project& project, std::int64_t run);

/// Deviations found in those texts' prompts and in the project's template of today, each measured on the rows.
[[nodiscard]] Result<std::vector<PromptDeviation>> prompt_deviations(Project& project, std::int64_t run, const TemplateSpec& spec,
                                                                     const LoadedModel& tuned, const std::vector<AskedRow>& rows,
                                                                     double usual_loss);

}  // namespace lossmith::engine
