// What the examples and rows of a run consist of.
#pragma once

#include <cstdint>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/diagnosis/Evidence.h"
#include "core/project/Project.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// Counts over the run's examples, as its trainer prepares them.
[[nodiscard]] Result<ExampleCounts> count_examples(Project& project, const RunConfig& config, const Tokenizer& tokenizer,
                                                   std::int64_t n_positions, const CancellationToken& cancelled);

/// Held-out rows that stand in training too, and rows that training has twice.
[[nodiscard]] Result<RowCounts> count_rows(Project& project, const CancellationToken& cancelled);

}  // namespace lossmith::engine
