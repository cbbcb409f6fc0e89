// How much memory this process holds.
#pragma once

#include <cstdint>

namespace lossmith {

[[nodiscard]] std::int64_t resident_bytes();       ///< now; zero when the system does not say
[[nodiscard]] std::int64_t peak_resident_bytes();  ///< the most since the process began; zero likewise

}  // namespace lossmith
