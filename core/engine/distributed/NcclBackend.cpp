#ifdef LOSSMITH_NCCL
#define USE_C10D_NCCL  // the header of c10d's NCCL is only there for those who say that they have NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "core/engine/distributed/Backends.h"

namespace lossmith::engine {

#ifdef LOSSMITH_NCCL

Result<c10::intrusive_ptr<Backend>> nccl_backend(const c10::intrusive_ptr<c10d::Store>& store, const World& world,
                                                 std::chrono::milliseconds patience) {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = patience;
    return c10::intrusive_ptr<Backend>(c10::make_intrusive<c10d::ProcessGroupNCCL>(store, world.rank, world.size, options));
}

#else

Result<c10::intrusive_ptr<Backend>> nccl_backend(const c10::intrusive_ptr<c10d::Store>&, const World&, std::chrono::milliseconds) {
    return failure(
        Error::unsupported("This build of Lossmith computes a run on one graphics card: its LibTorch came without NCCL's headers.")
            .with_hint("Build it with a LibTorch for CUDA and NCCL's headers, or choose one card."));
}

#endif

}  // namespace lossmith::engine
