// What a run's base and tuned model answer, measured on a few rows.
#pragma once

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/diagnosis/Evidence.h"
#include "core/project/Project.h"

namespace lossmith::engine {

/// Fills in what needs the models: losses, the base's fit, added tokens, the end, how far the weights moved, prompts and sampling.
[[nodiscard]] Status ask_models(Project& project, std::int64_t run, Evidence& evidence, const CancellationToken& cancelled);

}  // namespace lossmith::engine
