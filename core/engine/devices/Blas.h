// Which linear algebra LibTorch got: the same program is tens of times slower with the wrong one.
#pragma once

#include <span>
#include <string>

namespace lossmith::engine {

/// A sentence saying what is slow about this process's BLAS and what to do, or empty when all is well.
[[nodiscard]] std::string blas_warning();

/// The same for given libraries (full paths, links resolved) and a given OPENBLAS_CORETYPE (empty: not set).
[[nodiscard]] std::string blas_warning(std::span<const std::string> libraries, const std::string& core_type);

}  // namespace lossmith::engine
