// The few functions used, declared as in cuda.h and nvml.h, whose names and layouts are kept stable by version suffixes.
#include "core/engine/devices/Nvidia.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <system_error>

namespace lossmith::engine {
namespace {

/// A shared library that stays open: the driver's do not like to be closed.
class Library {
public:
    explicit Library(const char* name) : m_handle(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}

    template <typename Function>
    bool find(Function*& function, const char* name) const {
        function = m_handle == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(m_handle, name));
        return function != nullptr;
    }

private:
    void* m_handle;
};

struct Cuda {
    int (*init)(unsigned) = nullptr;
    int (*count)(int*) = nullptr;
    int (*get)(int*, int) = nullptr;
    int (*name)(char*, int, int) = nullptr;
    int (*memory)(std::size_t*, int) = nullptr;
    int (*bus)(char*, int, int) = nullptr;
    int (*attribute)(int*, int, int) = nullptr;

    explicit Cuda(const Library& library) {
        const bool complete = library.find(init, "cuInit") && library.find(count, "cuDeviceGetCount") && library.find(get, "cuDeviceGet") &&
                              library.find(name, "cuDeviceGetName") && library.find(memory, "cuDeviceTotalMem_v2") &&
                              library.find(bus, "cuDeviceGetPCIBusId") && library.find(attribute, "cuDeviceGetAttribute");
        ready = complete && init(0) == 0;
    }
    bool ready = false;
};

struct ManagedMemory {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

struct Utilization {
    unsigned device;
    unsigned memory;
};

/// NVML: what the device is doing now.
struct Management {
    int (*init)() = nullptr;
    int (*driver_version)(char*, unsigned) = nullptr;
    int (*by_bus)(const char*, void**) = nullptr;
    int (*memory)(void*, ManagedMemory*) = nullptr;
    int (*utilization)(void*, Utilization*) = nullptr;

    explicit Management(const Library& library) {
        const bool complete = library.find(init, "nvmlInit_v2") && library.find(driver_version, "nvmlSystemGetDriverVersion") &&
                              library.find(by_bus, "nvmlDeviceGetHandleByPciBusId_v2") && library.find(memory, "nvmlDeviceGetMemoryInfo") &&
                              library.find(utilization, "nvmlDeviceGetUtilizationRates");
        ready = complete && init() == 0;
    }
    bool ready = false;
};

// CUdevice_attribute
constexpr int major_of_compute_capability = 75;
constexpr int minor_of_compute_capability = 76;

using DriverText = std::array<char, 256>;

void add_state(NvidiaDevice& device, const Management& management, const char* bus) {
    DriverText version{};
    if (management.driver_version(version.data(), version.size() - 1) == 0) device.driver = version.data();
    void* handle = nullptr;
    if (management.by_bus(bus, &handle) != 0) return;
    // A slice of a device has less memory than the whole of it, which is what NVML tells of here.
    if (ManagedMemory memory{}; management.memory(handle, &memory) == 0)
        device.free_bytes = std::min(device.memory_bytes, static_cast<std::int64_t>(memory.free));
    if (Utilization utilization{}; management.utilization(handle, &utilization) == 0)
        device.load = std::min(utilization.device, 100U) / 100.0;
}

}  // namespace

std::vector<NvidiaDevice> nvidia_devices(const char* cuda_library, const char* management_library) {
    const Cuda cuda{Library(cuda_library)};
    int count = 0;
    if (!cuda.ready || cuda.count(&count) != 0) return {};
    const Management management{Library(management_library)};

    std::vector<NvidiaDevice> devices;
    for (int index = 0; index < count; ++index) {
        NvidiaDevice device;
        int handle = 0;
        DriverText text{};
        std::size_t bytes = 0;
        if (cuda.get(&handle, index) == 0) {
            if (cuda.name(text.data(), static_cast<int>(text.size() - 1), handle) == 0) device.name = text.data();
            int major = 0;
            int minor = 0;
            if (cuda.attribute(&major, major_of_compute_capability, handle) == 0 &&
                cuda.attribute(&minor, minor_of_compute_capability, handle) == 0)
                device.compute_capability = 10 * major + minor;
            if (cuda.memory(&bytes, handle) == 0) device.memory_bytes = device.free_bytes = static_cast<std::int64_t>(bytes);
            if (management.ready && cuda.bus(text.data(), static_cast<int>(text.size() - 1), handle) == 0)
                add_state(device, management, text.data());
        }
        devices.push_back(std::move(device));
    }
    return devices;
}

int nvidia_devices_installed(const std::filesystem::path& root) {
    std::error_code code;
    const std::filesystem::directory_iterator folder(root / "proc/driver/nvidia/gpus", code);
    return code ? 0 : static_cast<int>(std::distance(begin(folder), end(folder)));
}

}  // namespace lossmith::engine
