// How much memory this process holds.
#pragma once

#include <cstdint>

namespace lossmith {

[[nodiscard]] std::int64_t resident_bytes();  ///< now; zero when the system does not say

}  // namespace lossmith
