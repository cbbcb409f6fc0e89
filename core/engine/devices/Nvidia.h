// NVIDIA's devices as the driver's own libraries tell of them. Opened at run time, so that a machine without them is no trouble.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lossmith::engine {

struct NvidiaDevice {
    std::string name = "CUDA device";
    std::int64_t memory_bytes = 0;
    std::int64_t free_bytes = 0;  ///< equal to memory_bytes when it can not be told
    std::optional<double> load;   ///< 0 to 1
    std::string driver;           ///< "535.183.01"; empty when not known
    int compute_capability = 0;   ///< 80 for 8.0; zero: not known
};

/// In CUDA's order, so that the n-th is LibTorch's "cuda:n", also under CUDA_VISIBLE_DEVICES. Empty without a driver.
/// Makes no CUDA context, which alone would take some hundred megabytes.
[[nodiscard]] std::vector<NvidiaDevice> nvidia_devices(const char* cuda_library = "libcuda.so.1",
                                                       const char* management_library = "libnvidia-ml.so.1");

/// How many the kernel's driver has, whether or not LibTorch can use them.
[[nodiscard]] int nvidia_devices_installed(const std::filesystem::path& root = "/");

}  // namespace lossmith::engine
