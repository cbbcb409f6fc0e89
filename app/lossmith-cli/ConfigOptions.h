// The options that say a run's config, for every verb that takes one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/lossmith-cli/Verb.h"
#include "core/config/RunConfig.h"

namespace lossmith::cli {

struct ConfigOptions {
    std::string file;
    std::vector<std::string> assignments;
};

/// --config and --set; gives the first, for what excludes it. `options` outlives the parsing.
Option add_config_options(Verb verb, ConfigOptions& options);

/// `config` where no file is named, else that of the file; then each assignment.
[[nodiscard]] Result<RunConfig> config_from(const ConfigOptions& options, RunConfig config = {});

}  // namespace lossmith::cli
