// Reads pytorch_model.bin without running anything that it says.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/base/Result.h"

namespace lossmith::engine {

/// The tensors of a state dict that torch.save wrote (PyTorch 1.6 and newer: a zip archive), in their own types.
/// A pickle is a program; this reader knows just the instructions and the few names that a state dict needs, and
/// refuses any other with a sentence that names it. Tensors that share a storage share it here too.
[[nodiscard]] Result<std::map<std::string, at::Tensor>> read_pickle_checkpoint(const std::filesystem::path& path);

}  // namespace lossmith::engine
