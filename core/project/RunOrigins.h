// Which run of a project began from which checkpoint of another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith {

struct RunOrigin {
    std::int64_t run = 0;
    std::int64_t step = 0;  ///< of the checkpoint; 0: not known
    bool operator==(const RunOrigin&) const = default;
};

/// The run that a model's name means, "p.lossmith:5", ":5" or "/path/p.lossmith:5", where that is this project; 0: it is no run of it.
[[nodiscard]] std::int64_t run_named_by(const std::string& model, const Project& project);

/// By run; those that began from no run of this project are not in it. The checkpoint is found by the digest of the weights that the run
/// recorded when it began, so that it is right in a project that was moved; where it is gone, by the model's name and folder.
[[nodiscard]] Result<std::map<std::int64_t, RunOrigin>> run_origins(Project& project, const std::vector<Run>& runs);

}  // namespace lossmith
