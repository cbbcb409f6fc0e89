// What a true solution costs a model.
#pragma once

#include <optional>
#include <string>

#include "core/base/Result.h"
#include "core/data/Template.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::engine {

/// Mean negative log-probability, in nats, of the tokens of the solution (with its end token) after its problem, as the template writes
/// both. Absent where the model's n_positions leaves no token of it.
[[nodiscard]] Result<std::optional<double>> solution_loss(const LoadedModel& model, const TemplateSpec& spec, const std::string& problem,
                                                          const std::string& solution);

}  // namespace lossmith::engine
