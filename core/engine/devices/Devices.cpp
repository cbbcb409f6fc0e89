#include "core/engine/devices/Devices.h"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <cstdlib>
#include <exception>

#include "core/engine/devices/Blas.h"
#include "core/engine/devices/Machine.h"
#include "core/engine/devices/Nvidia.h"
#include "core/engine/devices/Processor.h"
#include "core/engine/devices/TensorMemory.h"

namespace lossmith::engine {
namespace {

/// A driver that is broken makes LibTorch throw here.
std::size_t usable_cuda_devices() {
    try {
        return torch::cuda::device_count();
    } catch (const std::exception&) {
        return 0;
    }
}

}  // namespace

void to_json(Json& json, const Device& device) {
    json = {{"id", device.id},
            {"kind", device.kind},
            {"name", device.name},
            {"memory_bytes", device.memory_bytes},
            {"free_bytes", device.free_bytes},
            {"cores", device.cores},
            {"load", device.load ? Json(*device.load) : Json(nullptr)},
            {"driver", device.driver}};
}

std::vector<Device> devices() {
    const Machine machine = read_machine();
    std::vector<Device> found{
        {"cpu", "cpu", machine.processor, machine.memory_bytes, machine.free_bytes, machine.cores, machine.load, {}, 0}};
    const std::size_t count = usable_cuda_devices();
    if (count == 0) return found;
    const std::vector<NvidiaDevice> cards = nvidia_devices();
    for (std::size_t index = 0; index < count; ++index) {
        const NvidiaDevice card = index < cards.size() ? cards[index] : NvidiaDevice{};
        found.push_back({"cuda:" + std::to_string(index), "cuda", card.name, card.memory_bytes, card.free_bytes, 0, card.load, card.driver,
                         card.compute_capability});
    }
    return found;
}

Result<Device> device_of_run(const std::vector<std::string>& devices, int local_rank) {
    const std::vector<Device> found = engine::devices();
    if (devices.empty() || devices.front() == "cpu") return found.front();
    const std::size_t cards = found.size() - 1;
    const auto own = cards == 1 ? std::size_t{0} : static_cast<std::size_t>(local_rank);
    if (own < cards) return found[1 + own];
    if (cards > 0)
        return failure(Error::bad_input("Process " + std::to_string(local_rank + 1) +
                                        " on this machine has no graphics card: the run names " + std::to_string(cards) + " of them.")
                           .with_hint("Start as many processes on a machine as the run's `devices` names cards."));
    const std::string which = "The graphics card \"" + devices.front() + "\" cannot be trained on: ";
    if (!torch::cuda::is_available() && nvidia_devices_installed() == 0 && nvidia_devices().empty())
        return failure(Error::unsupported(which + "no NVIDIA driver was found on this machine.").with_hint("Choose \"cpu\"."));
    if (nvidia_devices().empty())
        return failure(Error::unsupported(which + "there is no such card.").with_hint("See `lossmith-cli devices`."));
    return failure(Error::unsupported(which + "LibTorch here is built without CUDA, or does not fit the driver.")
                       .with_hint("Choose \"cpu\", or build Lossmith with a LibTorch for CUDA."));
}

std::vector<std::string> device_warnings() {
    std::vector<std::string> warnings;
    if (std::string warning = blas_warning(); !warning.empty()) warnings.push_back(std::move(warning));
    const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
    const bool hidden = visible != nullptr && *visible == '\0';  // as a run on the processor has them
    if (!hidden && nvidia_devices_installed() > 0 && usable_cuda_devices() == 0)
        warnings.emplace_back(
            "This machine has an NVIDIA graphics card that can not be used: LibTorch here is built without CUDA, or does not fit "
            "the driver; build Lossmith with a LibTorch for CUDA.");
    return warnings;
}

bool multiplies_bf16(const Device& device) {
    return device.kind == "cuda" ? device.compute_capability == 0 || device.compute_capability >= 80 : processor_multiplies_bf16();
}

std::string torch_version() {
    return TORCH_VERSION;
}

int set_up_cpu(int threads) {
    const int count = threads > 0 ? threads : read_machine().cores;
    at::set_num_threads(count);
    keep_tensors_together();
    // What else is large comes from the heap, which is never trimmed.
    ::mallopt(M_MMAP_MAX, 0);
    ::mallopt(M_TRIM_THRESHOLD, -1);
    // oneDNN keeps a product's working room for each shape it has met, a thousand of them: 130 MB for each new length of a bfloat16 batch
    // of GPT-2. These are enough for the shapes of one step.
    ::setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "24", 0);
    ::setenv("DNNL_PRIMITIVE_CACHE_CAPACITY", "24", 0);
    return count;
}

}  // namespace lossmith::engine
