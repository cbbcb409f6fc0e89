#include "core/engine/devices/Devices.h"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <sys/mman.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <cstdint>
#include <cstdlib>
#include <exception>

#include "core/engine/devices/Blas.h"
#include "core/engine/devices/Machine.h"
#include "core/engine/devices/Nvidia.h"
#include "core/engine/devices/Processor.h"

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

/// Asks for pages of two megabytes on the heap to come: the processor finds them with fewer looks at its tables, and a step of GPT-2 is 4
/// to 7 % faster. The heap is made as large as half of the memory for that, which takes none before it is touched.
void use_large_pages() {
#if defined(MADV_HUGEPAGE) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    void* room = std::malloc(static_cast<std::size_t>(read_machine().memory_bytes / 2));
    if (room == nullptr) return;
    constexpr std::uintptr_t page = std::uintptr_t{2} << 20U;
    const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(room) + page - 1) / page * page;
    const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(room) + ::malloc_usable_size(room)) / page * page;
    if (end > begin) static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE));
    std::free(room);
#endif
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
    // Large blocks then come from the heap, which is never trimmed, and grows by a quarter of a gibibyte at a time.
    ::mallopt(M_MMAP_MAX, 0);
    ::mallopt(M_TRIM_THRESHOLD, -1);
    ::mallopt(M_TOP_PAD, 256 << 20);
    use_large_pages();
    // oneDNN keeps a product's working room for each shape it has met, a thousand of them: 130 MB for each new length of a bfloat16 batch
    // of GPT-2. These are enough for the shapes of one step.
    ::setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "24", 0);
    ::setenv("DNNL_PRIMITIVE_CACHE_CAPACITY", "24", 0);
    return count;
}

}  // namespace lossmith::engine
