// LibTorch's exceptions become errors here, where they arise.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include "core/base/Result.h"

namespace lossmith::engine {

/// The Error for an exception caught from LibTorch or the standard library: OutOfMemory for failed allocations, else Internal.
[[nodiscard]] Error error_from(const std::exception& exception);

/// Calls `work`, which gives a Result or Status, and turns what it throws into an Error.
template <typename Work>
[[nodiscard]] std::invoke_result_t<Work> without_exceptions(Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception& exception) {
        return failure(error_from(exception));
    }
}

}  // namespace lossmith::engine
