// By which of its addresses the other machines of a run reach this one.
#pragma once

#include <string>

namespace lossmith::engine {

/// The address that this machine has on the network where `place` lies; empty: none was found. Where the machine's own name is told to mean
/// itself alone, as Debian's /etc/hosts does, it is the first that others can reach.
[[nodiscard]] std::string own_address_towards(const std::string& place);

}  // namespace lossmith::engine
