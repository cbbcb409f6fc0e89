// Turns the first SIGINT or SIGTERM into a raised cancellation token; the second ends the program as usual.
#pragma once

#include "core/base/Cancellation.h"

namespace lossmith::cli {

/// `token` is raised from a signal handler, so a copy of it is kept for as long as the program runs. Call once.
void cancel_on_interrupt(const CancellationToken& token);

}  // namespace lossmith::cli
