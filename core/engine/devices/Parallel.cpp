#include "core/engine/devices/Parallel.h"

#include <ATen/Parallel.h>

#if !defined(INTRA_OP_PARALLEL) && !defined(__SANITIZE_THREAD__)
#error "Compiled without the threads of the LibTorch it is to share: every loop of the engine would be serial."
#endif

namespace lossmith::engine {

void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  const std::function<void(std::int64_t first, std::int64_t last)>& work) {
    at::parallel_for(begin, end, grain, work);
}

}  // namespace lossmith::engine
