// A loop shared out among LibTorch's threads.
#pragma once

#include <cstdint>
#include <functional>

namespace lossmith::engine {

/// `work(first, last)` for stretches that make up begin … end, none shorter than `grain` but the last, each on a thread of its own; returns
/// when all are done. What work throws is thrown here. Inside of it LibTorch and its BLAS use one thread.
///
/// at::parallel_for is a template in LibTorch's headers that is serial in every file compiled without OpenMP. This one's file is
/// compiled with it, so that no other need be.
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  const std::function<void(std::int64_t first, std::int64_t last)>& work);

}  // namespace lossmith::engine
