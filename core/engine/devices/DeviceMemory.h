// What a process has taken of the memory of the device that it computes on.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace lossmith::engine {

/// Bytes. On the processor what the process holds now; on a graphics card the most that its tensors have held at once, which the card's own
/// figure exceeds by CUDA's context and what is kept for reuse.
[[nodiscard]] std::int64_t memory_in_use(c10::Device device);

}  // namespace lossmith::engine
