// What a run will take, before it starts: from its own batch plan and a short calibration on the model itself.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/project/Project.h"

namespace lossmith::engine {

struct Estimate {
    std::int64_t steps = 0;
    std::int64_t examples = 0;
    std::int64_t tokens = 0;  ///< computed over the whole run, padding included
    std::int64_t padding_tokens = 0;
    std::int64_t labelled_tokens = 0;  ///< of the examples, once
    std::int64_t prompt_tokens = 0;    ///< of the examples, once: in them but not labelled
    std::int64_t truncated_rows = 0;
    std::int64_t unlabelled_rows = 0;
    std::int64_t memory_bytes = 0;  ///< of all processes together
    double seconds = 0.0;           ///< loading, steps, validations and checkpoints
    double steps_seconds = 0.0;     ///< of these the steps
    std::int64_t disk_bytes = 0;    ///< the checkpoints kept
    std::int64_t trainable_parameters = 0;
    std::int64_t available_bytes = 0;  ///< of memory now, on the processor
    std::string advice;                ///< a sentence, where the run does not fit into that
    Json changes;                      ///< fields of the config with which it does; null where it fits or none were found
};

void to_json(Json& json, const Estimate& estimate);

/// Reads the model and the rows, then times a few micro-batches (Calibration.h).
[[nodiscard]] Result<Estimate> estimate_run(Project& project, RunConfig config, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
