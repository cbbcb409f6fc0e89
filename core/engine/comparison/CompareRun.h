// A base and tuned models on the same problems: texts, scores and what the true solution costs each.
#pragma once

#include <cstdint>
#include <optional>
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
    std::string base;                       ///< as find_model() takes it; empty: what the first run began from
    std::vector<ComparedProblem> problems;  ///< empty: held-out rows (the test split, else validation)
    std::int64_t limit = 300;               ///< of held-out rows
    SamplingConfig sampling;                ///< greedy by default
};

/// `tuned`: each "7" (a run of the project: its best checkpoint, else its last), "7@60" (its checkpoint of step 60), or what find_model()
/// takes. All are given the prompts that the template of the first run among them makes, without one the project's own.
/// Texts already generated from the same weights, prompt and settings are taken from the project; new ones are kept there.
[[nodiscard]] Result<Comparison> compare_models(Project& project, const std::vector<std::string>& tuned, const CompareOptions& options,
                                                const ProgressSink& progress = {}, const CancellationToken& cancelled = {});

/// The run that "7" or "7@60" names; nothing where it is another kind of model.
[[nodiscard]] std::optional<std::int64_t> run_in(const std::string& tuned);

}  // namespace lossmith::engine
