#include <cstdlib>

#ifdef LOSSMITH_GLOO
#define USE_C10D_GLOO  // the header of c10d's Gloo is only there for those who say that they have Gloo
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif

#include "core/engine/distributed/Backends.h"
#include "core/engine/distributed/OwnAddress.h"

namespace lossmith::engine {

#ifdef LOSSMITH_GLOO

namespace {

std::shared_ptr<gloo::transport::Device> network(const std::string& place) {
    if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME")) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
    const std::string own = own_address_towards(place);
    return own.empty() ? c10d::ProcessGroupGloo::createDefaultDevice() : c10d::ProcessGroupGloo::createDeviceForHostname(own);
}

}  // namespace

Result<c10::intrusive_ptr<Backend>> gloo_backend(const c10::intrusive_ptr<c10d::Store>& store, const World& world,
                                                 std::chrono::milliseconds patience) {
    auto options = c10d::ProcessGroupGloo::Options::create(patience);
    options->devices.push_back(network(world.address));
    options->threads = 2;
    return c10::intrusive_ptr<Backend>(c10::make_intrusive<c10d::ProcessGroupGloo>(store, world.rank, world.size, options));
}

#else

Result<c10::intrusive_ptr<Backend>> gloo_backend(const c10::intrusive_ptr<c10d::Store>&, const World&, std::chrono::milliseconds) {
    return failure(
        Error::unsupported("This build of Lossmith computes a run on processors in one process: its LibTorch came without Gloo's headers.")
            .with_hint("Build it with Debian's LibTorch and libgloo-dev, or set nproc_per_node to 1."));
}

#endif

}  // namespace lossmith::engine
