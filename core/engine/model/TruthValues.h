// Bool tensors read from files.
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace lossmith::engine {

/// A bool whose byte is neither 0 nor 1 is undefined behaviour wherever it is read, so files are held against this first.
[[nodiscard]] inline bool holds_only_truth_values(const at::Tensor& tensor) {
    const auto* bytes = static_cast<const unsigned char*>(tensor.data_ptr());
    return std::all_of(bytes, bytes + tensor.nbytes(), [](unsigned char byte) { return byte <= 1; });
}

}  // namespace lossmith::engine
