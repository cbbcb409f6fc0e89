#include "core/engine/comparison/TrainingCopies.h"

#include "core/project/DataStore.h"

namespace lossmith::engine {

Result<CopyIndex> training_copies(Project& project) {
    const auto training = LOSSMITH_TRY(project.data().rows(Split::Train));
    std::vector<CopyIndex::Source> sources;
    for (const Row& row : training) sources.push_back({row.id, row.solution});
    return CopyIndex::build(sources);
}

}  // namespace lossmith::engine
