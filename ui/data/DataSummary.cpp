// Reads the summary.
#include "ui/data/DataSummary.h"

#include <algorithm>

#include "core/project/Project.h"

namespace lossmith::ui {

bool DataSummary::same_as(const DataSummary& other) const {
    const auto same_source = [](const DataSource& left, const DataSource& right) {
        return left.id == right.id && left.rows == right.rows && left.set_aside == right.set_aside;
    };
    return counts == other.counts && split == other.split &&
           std::equal(sources.begin(), sources.end(), other.sources.begin(), other.sources.end(), same_source);
}

Result<DataSummary> read_summary(Project& project) {
    DataSummary summary;
    for (const Split part : {Split::Train, Split::Validation, Split::Test})
        summary.counts.at(static_cast<std::size_t>(part)) = LOSSMITH_TRY(project.data().count(part));
    summary.sources = LOSSMITH_TRY(project.data().sources());
    for (const DataSource& source : summary.sources) summary.set_aside += source.set_aside;
    summary.split = LOSSMITH_TRY(project.data().split_config());
    return summary;
}

}  // namespace lossmith::ui
