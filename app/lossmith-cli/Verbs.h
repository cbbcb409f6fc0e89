// The verbs: one function each, in the .cpp of the same name.
#pragma once

#include "app/lossmith-cli/Verb.h"

namespace lossmith::cli {}  // namespace lossmith::cli
