// What a text may have copied from: the project's training solutions.
#pragma once

#include "core/base/Result.h"
#include "core/comparison/CopyIndex.h"
#include "core/project/Project.h"

namespace lossmith::engine {

[[nodiscard]] Result<CopyIndex> training_copies(Project& project);

}  // namespace lossmith::engine
