// What the project's data is, at a glance: read in one go on the worker, compared to know whether anything changed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/Result.h"
#include "core/data/Split.h"
#include "core/project/DataStore.h"

namespace lossmith {
class Project;
}

namespace lossmith::ui {

struct DataSummary {
    std::array<std::int64_t, 3> counts{};  ///< rows by Split
    std::int64_t set_aside = 0;
    std::vector<DataSource> sources;
    SplitConfig split;

    [[nodiscard]] std::int64_t rows() const { return counts[0] + counts[1] + counts[2]; }
    [[nodiscard]] std::int64_t rows_of(Split part) const { return counts.at(static_cast<std::size_t>(part)); }
    [[nodiscard]] bool same_as(const DataSummary& other) const;
};

[[nodiscard]] Result<DataSummary> read_summary(Project& project);

}  // namespace lossmith::ui
