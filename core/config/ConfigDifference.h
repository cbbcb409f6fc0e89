// In which fields the configs of several runs differ.
#pragma once

#include <string>
#include <vector>

#include "core/config/RunConfig.h"

namespace lossmith {

struct ConfigDifference {
    std::string key;           ///< dotted: "sampling.top_p", "template.prompt"
    std::string label;         ///< as the form names it, else the key
    std::vector<Json> values;  ///< one a config; null: it is absent there
};

/// Only fields that are not the same in all of them, in the order of the form; the name is none of them.
[[nodiscard]] std::vector<ConfigDifference> config_differences(const std::vector<RunConfig>& configs);

/// A field's value as people write it: "5e-5", "on", "–" where it is absent.
[[nodiscard]] std::string value_in_words(const Json& value);

/// The shortest text that reads back as the same number: "5e-5", "0.01", "1000".
[[nodiscard]] std::string plain_number(double value);

}  // namespace lossmith
