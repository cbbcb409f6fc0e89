#include "core/engine/devices/DeviceMemory.h"

#include <torch/version.h>

#include "core/base/Memory.h"

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#define LOSSMITH_DEVICE_STATISTICS 1
#include <c10/core/CachingDeviceAllocator.h>
#else
#define LOSSMITH_DEVICE_STATISTICS 0
#endif

namespace lossmith::engine {

std::int64_t memory_in_use(c10::Device device) {
#if LOSSMITH_DEVICE_STATISTICS
    if (!device.is_cpu()) {
        constexpr auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        return at::getDeviceAllocator(device.type())->getDeviceStats(device.index()).allocated_bytes[all].peak;
    }
#else
    static_cast<void>(device);
#endif
    return resident_bytes();
}

}  // namespace lossmith::engine
