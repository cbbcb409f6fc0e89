// What is said of a typed reward before a run: whether it runs, what each line holds, and what it gives to the true solutions and to what
// the model writes now.
#pragma once

#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/config/RewardSpec.h"
#include "core/engine/loss/check/CheckBatch.h"

namespace lossmith::engine {

/// The answer in docs/protocol.md's form (`loss/check`), its kind "reward": parts has each row's true solution and reply with its reward,
/// value the mean over the replies. A reward that is wrong is an answer, not an Error. `replies`: as replies_of() gives them.
[[nodiscard]] Json check_reward(RewardSpec spec, const CheckBatch& batch, const std::vector<GeneratedText>& replies,
                                const CancellationToken& cancelled = {});

/// Whether the text runs as a reward on the batch's true solutions: what a rewrite must do to be offered.
[[nodiscard]] bool reward_runs(const std::string& source, const CheckBatch& batch);

}  // namespace lossmith::engine
