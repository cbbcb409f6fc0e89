// What both the command line and the window ask of a model: one function a question, JSON in and out as docs/protocol.md has it.
#pragma once

#include <functional>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/loss/check/CheckBatch.h"
#include "core/engine/model/ModelCache.h"

namespace lossmith::cli {

using News = std::function<void(const Json&)>;  ///< progress values; may be empty

[[nodiscard]] Result<Json> ask_generate(const Json& params, engine::ModelCache& models, const News& news,
                                        const CancellationToken& cancelled);
/// `{model, project?, template?, rows: [{problem, solution}]}` → a loss a row, null where the model has no room for the solution.
[[nodiscard]] Result<Json> ask_solution_loss(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
/// `batches` keeps the last batch between two keystrokes.
[[nodiscard]] Result<Json> ask_loss_check(const Json& params, engine::ModelCache& models, engine::CheckBatchCache& batches,
                                          const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_loss_catalogue();
/// `{terms: [{name, source?, weight, weight_end?, schedule?, parameters?}]}` → `{source}`
[[nodiscard]] Result<Json> ask_loss_sum(const Json& params);
/// `{project, run}` → the diagnosis, kept in the project
[[nodiscard]] Result<Json> ask_doctor(const Json& params, const News& news, const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_estimate(const Json& params, const CancellationToken& cancelled);

}  // namespace lossmith::cli
