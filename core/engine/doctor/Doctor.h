// Why a run disappointed: the evidence is gathered from the project and from both models, then asked for each cause.
#pragma once

#include <cstdint>

#include "core/base/Cancellation.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/diagnosis/Diagnosis.h"
#include "core/diagnosis/Evidence.h"
#include "core/project/Project.h"

namespace lossmith::engine {

/// What can be known of a run that has begun. A part that cannot be had (no checkpoint yet, no held-out rows) is left out and said in
/// `passed`. The models are asked on a few dozen rows: seconds for a small one, under a minute for GPT-2 124M on two cores.
[[nodiscard]] Result<Evidence> gather_evidence(Project& project, std::int64_t run, const ProgressSink& progress = {},
                                               const CancellationToken& cancelled = {});

/// Gathers, finds the causes and keeps the diagnosis in the project.
[[nodiscard]] Result<Diagnosis> diagnose(Project& project, std::int64_t run, const ProgressSink& progress = {},
                                         const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
