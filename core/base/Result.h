// Result<T> is a value or an Error; LOSSMITH_TRY hands an error on to the caller.
#pragma once

#include <expected>
#include <utility>

#include "core/base/Error.h"

namespace lossmith {

template <typename T>
using Result = std::expected<T, Error>;

/// A function that gives nothing back but may fail.
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> failure(Error error) {
    return std::unexpected<Error>(std::move(error));
}

}  // namespace lossmith

/// `auto rows = LOSSMITH_TRY(read_rows(path));` — the value, or return the error from the enclosing function.
/// For a Status: `LOSSMITH_CHECK(write(path));`
#define LOSSMITH_TRY(expression)                                                            \
    __extension__({                                                                         \
        auto&& lossmith_outcome = (expression);                                             \
        if (!lossmith_outcome) return std::unexpected(std::move(lossmith_outcome).error()); \
        std::move(lossmith_outcome).value();                                                \
    })
#define LOSSMITH_CHECK(expression)                                                        \
    do {                                                                                  \
        auto&& lossmith_status = (expression);                                            \
        if (!lossmith_status) return std::unexpected(std::move(lossmith_status).error()); \
    } while (false)
