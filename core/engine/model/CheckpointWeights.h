// The weights of a folder, from whichever files hold them, one tensor at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/Result.h"

namespace lossmith::engine {

/// Told of each tensor: its name and shape as the file has them, and how to get it in its own type.
/// A tensor whose `read` is never called costs nothing where the file can be read piecewise.
using TensorVisitor =
    std::function<Status(const std::string& name, const std::vector<std::int64_t>& shape, const std::function<Result<at::Tensor>()>& read)>;

/// Visits every tensor of model.safetensors, model.safetensors.index.json with its shards, pytorch_model.bin, or
/// pytorch_model.bin.index.json: the first that is in the folder. NotFound when none is.
[[nodiscard]] Status visit_weights(const std::filesystem::path& folder, const TensorVisitor& visit);

}  // namespace lossmith::engine
