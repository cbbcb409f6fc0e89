// The options that say how text is generated, for every verb that generates.
#pragma once

#include "app/lossmith-cli/Verb.h"
#include "core/config/SamplingConfig.h"

namespace lossmith::cli {

/// `sampling` holds the defaults, and outlives the parsing.
void add_sampling_options(Verb verb, SamplingConfig& sampling);

}  // namespace lossmith::cli
