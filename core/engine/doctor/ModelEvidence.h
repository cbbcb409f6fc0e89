// What a run's base and tuned model answer, measured on a few rows.
#pragma once

#include <optional>
#include <string>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/diagnosis/Evidence.h"
#include "core/engine/model/LoadedModel.h"
#include "core/project/Project.h"

namespace lossmith::engine {

struct AskedModels {
    LoadedModel base;  ///< as the run began with it
    std::optional<LoadedModel> tuned;
    std::string no_tuned;  ///< why there is none
};

[[nodiscard]] Result<AskedModels> models_to_ask(Project& project, std::int64_t run, const RunConfig& config);

/// Fills in what needs the models: losses, the base's fit, added tokens, the end, how far the weights moved, prompts and sampling.
[[nodiscard]] Status ask_models(Project& project, std::int64_t run, const AskedModels& models, Evidence& evidence,
                                const CancellationToken& cancelled);

}  // namespace lossmith::engine
