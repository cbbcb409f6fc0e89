// Runs the pickle of a state dict as data: it builds numbers, texts, tuples and dicts, and calls nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/Result.h"

namespace lossmith::engine {

/// The names a state dict may use, and no other: torch's storages, torch._utils._rebuild_tensor_v2, collections.OrderedDict.
enum class PickleGlobal {
    OrderedDict,
    RebuildTensor,
    FloatStorage,
    HalfStorage,
    BFloat16Storage,
    DoubleStorage,
    LongStorage,
    IntStorage,
    ShortStorage,
    CharStorage,
    ByteStorage,
    BoolStorage,
};

struct PickledStorage {
    PickleGlobal type = PickleGlobal::FloatStorage;
    std::string key;  ///< the archive's entry: data/KEY
    std::int64_t elements = 0;
};

/// What a state dict says of one tensor. Nothing here has been held against its storage yet.
struct PickledTensor {
    PickledStorage storage;
    std::int64_t offset = 0;
    std::vector<std::int64_t> sizes;
    std::vector<std::int64_t> strides;
};

/// The tensors by name, in the order of the state dict.
[[nodiscard]] Result<std::vector<std::pair<std::string, PickledTensor>>> run_state_dict_pickle(std::string_view program);

}  // namespace lossmith::engine
