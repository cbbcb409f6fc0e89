// A recorded run from its config to its end: model, data, trainer and record put together.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/Cancellation.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/Trainer.h"
#include "core/project/Project.h"

namespace lossmith::engine {

struct RunStart {
    bool resume = false;           ///< goes on from the newest checkpoint, or from the beginning when there is none
    std::optional<int> processes;  ///< on this machine, other than the config's nproc_per_node
};

/// Claims the run for this process and trains it to its end. Whatever ends it is written into the project: status, message and an event.
[[nodiscard]] Result<TrainingOutcome> drive_run(Project& project, std::int64_t run, const RunStart& start,
                                                const CancellationToken& cancelled = {}, const ProgressSink& progress = {});

/// Any but the first of the processes of a run, as the environment says (World.h): computes its share to the run's end.
[[nodiscard]] Status serve_as_rank();

/// How many threads one of the processes on this machine takes: `threads`, or where that is 0 its share of the cores.
[[nodiscard]] int threads_of_rank(int threads, int processes);

/// The model a config starts from, with the vocabulary grown by its template's added tokens and its dropout.
[[nodiscard]] Result<LoadedModel> model_for(Project& project, const RunConfig& config);

/// Makes ready what a new run moves: with LoRA an adapter that at first changes nothing. BadInput when there are fewer layers than are to
/// be frozen.
[[nodiscard]] Status make_trainable(LoadedModel& base, const RunConfig& config);

/// What a loss for training this model is made for; keeps pointing to the model's tokenizer.
[[nodiscard]] LossSetting setting_for(const LoadedModel& model);

}  // namespace lossmith::engine
