// Which Lossmith this is.
#pragma once

namespace lossmith {

[[nodiscard]] const char* version();  ///< "0.1.0"

}  // namespace lossmith
