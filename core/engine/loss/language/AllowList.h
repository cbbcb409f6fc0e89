// The names of PyTorch's operators that a loss may call, with how each is estimated. What is not here cannot be called.
#pragma once

#include <span>
#include <string_view>

#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {

/// Where a name may stand.
enum class Offered : std::uint8_t { Function, Method, Both };

struct AllowedGroup {
    Offered offered;
    Memory memory;
    std::string_view names;  ///< separated by spaces; "name=aten_name" where the two differ
};

[[nodiscard]] std::span<const AllowedGroup> allowed_groups();

/// The same for torch.nn.functional.
[[nodiscard]] std::span<const AllowedGroup> allowed_functional();

}  // namespace lossmith::engine::language
