// Standard input, whole or line by line, with a limit on what one line may take.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"

namespace lossmith::cli {

class StandardInput {
public:
    /// `before_waiting` is called when all that came so far has been handed out, before more is waited for: the moment to
    /// flush answers, so that somebody who asks line by line gets each at once.
    StandardInput(CancellationToken cancelled, std::function<void()> before_waiting)
        : m_cancelled(std::move(cancelled)), m_before_waiting(std::move(before_waiting)) {}

    /// The next line without its end, valid until the next call; nothing at the end of the input.
    /// BadInput for a line of more than 256 MiB.
    [[nodiscard]] Result<std::optional<std::string_view>> next_line();

    /// All that has not been read yet.
    [[nodiscard]] Result<std::string> rest();

private:
    /// Appends what is there, waiting for at least one byte; false at the end.
    [[nodiscard]] Result<bool> read_more();

    CancellationToken m_cancelled;
    std::function<void()> m_before_waiting;
    std::string m_buffer;
    std::size_t m_begin = 0;
};

}  // namespace lossmith::cli
