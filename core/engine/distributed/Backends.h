// What carries tensors between the processes of a run: c10d's Gloo between processors, NCCL between graphics cards. For Ranks.cpp alone.
#pragma once

#include <torch/csrc/api/include/torch/version.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/Store.hpp>
#if TORCH_VERSION_MAJOR >= 2
#include <torch/csrc/distributed/c10d/Backend.hpp>
#else
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#endif

#include "core/base/Result.h"
#include "core/engine/distributed/World.h"

namespace lossmith::engine {

#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

/// Both wait for all ranks, and throw what c10d throws where they do not come. Unsupported, with the reason, in a build without them.
[[nodiscard]] Result<c10::intrusive_ptr<Backend>> gloo_backend(const c10::intrusive_ptr<c10d::Store>& store, const World& world,
                                                               std::chrono::milliseconds patience);
/// For the current card.
[[nodiscard]] Result<c10::intrusive_ptr<Backend>> nccl_backend(const c10::intrusive_ptr<c10d::Store>& store, const World& world,
                                                               std::chrono::milliseconds patience);

}  // namespace lossmith::engine
