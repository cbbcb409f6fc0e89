// Everything that is wrong with a setting, as one Error.
#pragma once

#include <string>
#include <vector>

#include "core/base/Error.h"

namespace lossmith {

/// The messages one after another; kind, hint and place are the first one's. `errors` must not be empty.
[[nodiscard]] inline Error joined(const std::vector<Error>& errors) {
    Error all = errors.front();
    for (std::size_t i = 1; i < errors.size(); ++i) all.message += " " + errors[i].message;
    return all;
}

}  // namespace lossmith
