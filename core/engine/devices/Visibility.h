// Which graphics cards a process may see. CUDA reads CUDA_VISIBLE_DEVICES once, at its first use, so a run's process sets it first of all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"

namespace lossmith::engine {

/// The value of CUDA_VISIBLE_DEVICES under which a process sees just these of RunConfig::devices, in their order: "1,2" for "cuda:1" and
/// "cuda:2", empty (no card at all) for "cpu". `limit` is the value it has now: "cuda:N" is the N-th of the cards that it lets be seen,
/// which it may name by number or as "GPU-…". BadInput for a device that is neither, for both kinds together, and beyond the limit.
[[nodiscard]] Result<std::string> visible_cards(const std::vector<std::string>& devices, const std::optional<std::string>& limit);

/// Lets this process see just these, and gives the value. The first of them is "cuda:0" from then on. `launched`: a launcher started it, as
/// one of several; where that shows it one card, its own, that stays.
[[nodiscard]] Result<std::string> show_only(const std::vector<std::string>& devices, bool launched = false);

}  // namespace lossmith::engine
