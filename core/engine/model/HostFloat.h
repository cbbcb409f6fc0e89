// Which tensors the loops of VectorMath.h may read as plain floats.
#pragma once

#include <ATen/core/Tensor.h>

namespace lossmith::engine {

/// fp32 in this machine's own memory; whether it is contiguous is another question.
[[nodiscard]] inline bool is_host_float(const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kFloat;
}

}  // namespace lossmith::engine
