// Everything that is said of a typed loss before it trains: whether it runs, what each line holds, whether gradient flows and where it
// stops, what to write instead, whether it survives splitting, agrees with finite differences, and what it costs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/LossSpec.h"
#include "core/engine/loss/check/CheckBatch.h"

namespace lossmith::engine {

/// The answer in docs/protocol.md's form (`loss/check`). A loss that is wrong is an answer, not an Error.
[[nodiscard]] Json check_loss(LossSpec spec, const CheckBatch& batch, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
