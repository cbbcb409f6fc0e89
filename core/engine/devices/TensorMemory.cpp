#include "core/engine/devices/TensorMemory.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <torch/version.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>

#include "core/engine/devices/FirstFit.h"
#include "core/engine/devices/Machine.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t least_bytes = std::size_t{256} << 10U;  ///< of a tensor that counts as large
constexpr std::size_t line = 64;
constexpr std::size_t large_page = std::size_t{2} << 20U;

std::size_t up_to(std::size_t value, std::size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// Never destroyed: tensors may outlive everything else.
class TensorMemory final : public c10::Allocator {
public:
    TensorMemory(std::byte* begin, std::size_t size)
        : m_begin(begin), m_size(size), m_places(size), m_other(c10::GetDefaultCPUAllocator()) {}

#if TORCH_VERSION_MAJOR >= 2
    c10::DataPtr allocate(std::size_t bytes) override { return from_here_or_there(bytes); }
    void copy_data(void* to, const void* from, std::size_t bytes) const override { std::memcpy(to, from, bytes); }
#else
    c10::DataPtr allocate(std::size_t bytes) const override { return from_here_or_there(bytes); }
#endif
    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

private:
    c10::DataPtr from_here_or_there(std::size_t bytes) const;

    static void give_back(void* data);

    std::byte* m_begin;
    std::size_t m_size;
    mutable std::mutex m_mutex;
    mutable FirstFit m_places;
    c10::Allocator* m_other;
};

TensorMemory* the_memory = nullptr;

c10::DataPtr TensorMemory::from_here_or_there(std::size_t bytes) const {
    if (bytes >= least_bytes && bytes <= m_size) {
        const std::lock_guard lock(m_mutex);
        if (const auto place = m_places.take(up_to(bytes, line))) {
            void* data = m_begin + *place;
            return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
        }
    }
    void* data = m_other->raw_allocate(bytes);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
}

void TensorMemory::give_back(void* data) {
    const auto* place = static_cast<std::byte*>(data);
    if (place == nullptr) return;
    if (std::less<>()(place, the_memory->m_begin) || std::greater_equal<>()(place, the_memory->m_begin + the_memory->m_size)) {
        the_memory->m_other->raw_deallocate(data);
        return;
    }
    const std::lock_guard lock(the_memory->m_mutex);
    the_memory->m_places.give_back(static_cast<std::size_t>(place - the_memory->m_begin));
}

}  // namespace

void keep_tensors_together() {
#if defined(MADV_HUGEPAGE) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (the_memory != nullptr) return;
    // As much as the machine has; nothing of it is taken before it is touched.
    const std::size_t size = up_to(static_cast<std::size_t>(read_machine().memory_bytes), large_page);
    void* room = ::mmap(nullptr, size + large_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return;
    auto* begin = reinterpret_cast<std::byte*>(up_to(reinterpret_cast<std::uintptr_t>(room), large_page));
    static_cast<void>(::madvise(begin, size, MADV_HUGEPAGE));
    the_memory = new TensorMemory(begin, size);
    constexpr std::uint8_t above_the_default = 1;
    c10::SetCPUAllocator(the_memory, above_the_default);
#endif
}

}  // namespace lossmith::engine
