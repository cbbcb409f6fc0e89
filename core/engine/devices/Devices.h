// The devices a model can be put on, and making the processor ready for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::engine {

struct Device {
    std::string id;                 ///< as RunConfig::devices names it: "cpu", "cuda:0"
    std::string kind;               ///< "cpu" or "cuda"
    std::string name;               ///< "AMD Ryzen 7 5800X", "NVIDIA RTX A4000"
    std::int64_t memory_bytes = 0;  ///< zero: not known
    std::int64_t free_bytes = 0;
    int cores = 0;               ///< of a processor that this process may use; zero for others
    std::optional<double> load;  ///< share that is busy, 0 to 1
    std::string driver;          ///< of a graphics card
    int compute_capability = 0;  ///< of a graphics card: 80 for 8.0; zero: not known
};

/// `{id, kind, name, memory_bytes, free_bytes, cores, load, driver}`; load is null when it is not known.
void to_json(Json& json, const Device& device);

/// The processor first, then what LibTorch can use besides.
[[nodiscard]] std::vector<Device> devices();

/// Where a process of a run computes once it sees just the run's devices (Visibility.h): "cpu", or "cuda:0", the first of its cards, or
/// that of its rank among the processes on this machine. Where a launcher shows it one card alone, that one. Unsupported, with the reason,
/// where LibTorch can not use that card.
[[nodiscard]] Result<Device> device_of_run(const std::vector<std::string>& devices, int local_rank = 0);

/// Sentences about what is slower here than it need be, or can not be used: the wrong BLAS, a graphics card without a LibTorch for it.
[[nodiscard]] std::vector<std::string> device_warnings();

/// Whether a device has instructions for bfloat16: this processor (Processor.h), or a card from NVIDIA's Ampere on.
[[nodiscard]] bool multiplies_bf16(const Device& device);

/// "1.13.1", of the LibTorch this was built with.
[[nodiscard]] std::string torch_version();

/// Gives LibTorch this many threads (0: one for each core this process may use), and lets the allocator keep what it once had: a
/// training step frees and takes the same hundreds of megabytes each time, and faulting them in anew costs more than the arithmetic.
/// Call before the first tensor. Returns the number of threads.
int set_up_cpu(int threads);

}  // namespace lossmith::engine
