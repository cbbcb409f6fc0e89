// What differs between two runs' configs, field by field.
#pragma once

#include <QString>
#include <vector>

#include "core/config/RunConfig.h"

namespace lossmith::ui {

struct ConfigDifference {
    QString key;    ///< dotted: "sampling.top_p", "template.prompt"
    QString label;  ///< as the form names it, else the key
    QString first;  ///< "–" where it is absent
    QString second;
};

/// Only fields that differ, in the order of the form; the name is none of them.
[[nodiscard]] std::vector<ConfigDifference> config_differences(const RunConfig& first, const RunConfig& second);

}  // namespace lossmith::ui
