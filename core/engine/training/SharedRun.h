// One run computed by several ranks. Rank 0 has the project, plans, validates, and tells the others which step comes next; each computes
// the gradients of its share of the step's micro-batches, they are added up, and every rank moves its own weights alike.
#pragma once

#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/engine/distributed/Ranks.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/AdamW.h"
#include "core/engine/training/TrainingStep.h"

namespace lossmith::engine {

/// Of all ranks: gradients added up, losses of the whole step. Every rank calls it for the same step.
[[nodiscard]] Result<StepLoss> shared_gradients(Ranks& ranks, const Gpt2& model, const Objective& objective,
                                                const std::vector<Example>& examples, const PlannedStep& planned, const RunConfig& config,
                                                const LossMoment& moment);

/// What rank 0 computes with, for the others to have the same.
struct SharedJob {
    const RunConfig& config;  ///< with the micro-batches of a step of all ranks together
    const LoadedModel& base;
    const LoadedModel* frozen;  ///< what the loss compares with; may be null
    const std::vector<Example>& examples;
};
[[nodiscard]] Status give_job(Ranks& ranks, const SharedJob& job, const AdamW& optimizer, std::int64_t steps_done,
                              std::int64_t total_steps);

/// Rank 0: the others take part in this step, or are done.
[[nodiscard]] Status order_step(Ranks& ranks, std::int64_t step, double learning_rate);
[[nodiscard]] Status order_end(Ranks& ranks);

/// Every other rank: from the job to the end of the run.
[[nodiscard]] Status work_as_rank(Ranks& ranks);

}  // namespace lossmith::engine
