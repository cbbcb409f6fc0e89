// The learning rate over a run, as transformers' get_{linear,cosine,constant}_schedule_with_warmup give it.
#pragma once

#include <cstdint>

#include "core/config/RunConfig.h"

namespace lossmith::engine {

/// `step` counts from zero: the first step of a run with warm-up has rate zero, as in transformers.
[[nodiscard]] double learning_rate_at(const RunConfig& config, std::int64_t step, std::int64_t total_steps);

}  // namespace lossmith::engine
