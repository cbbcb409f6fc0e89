// A run's base and tuned model on the same problems: texts, scores and what the true solution costs each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/comparison/Comparison.h"
#include "core/config/SamplingConfig.h"
#include "core/project/Project.h"

namespace lossmith::engine {

struct ComparedProblem {
    std::string problem;
    std::string solution;  ///< empty: not known
};

struct CompareOptions {
    std::vector<ComparedProblem> problems;  ///< empty: held-out rows (the test split, else validation)
    std::int64_t limit = 300;               ///< of held-out rows
    SamplingConfig sampling;                ///< greedy by default
};

/// Texts already generated from the same weights, prompt and settings are taken from the project; new ones are kept there.
[[nodiscard]] Result<Comparison> compare_run(Project& project, std::int64_t run, const CompareOptions& options,
                                             const ProgressSink& progress = {}, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
