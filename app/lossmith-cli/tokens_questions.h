// What the window and the command line ask of a project's tokens: the plan's batches, and the special tokens.
#pragma once

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::cli {

/// `{project, config, step}` → `{step, total_steps, length, micro_batches: [{padded_to, rows: [row id]}]}`: which rows meet in a step of a
/// run of this config, and how long each micro-batch is made.
[[nodiscard]] Result<Json> ask_batch(const Json& params, const CancellationToken& cancelled);

/// `{project, model, template?, seed?}` → as engine::look_at_special_tokens()
[[nodiscard]] Result<Json> ask_special_tokens(const Json& params);

}  // namespace lossmith::cli
