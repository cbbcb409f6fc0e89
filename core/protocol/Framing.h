// The Language Server Protocol's framing: `Content-Length: N`, an empty line, and N bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::protocol {

inline constexpr std::size_t largest_header = 8U << 10U;    ///< bytes of all header lines together
inline constexpr std::size_t largest_message = 64U << 20U;  ///< bytes of one message's body

/// One message ready to be written. Text that is not UTF-8 is mended with U+FFFD, NaN and infinity become null.
[[nodiscard]] std::string frame(const Json& message);

/// Finds the messages in a stream of bytes that arrives in pieces of any size. A value: a copy goes on by itself.
class FrameReader {
public:
    /// Calls `message` with each body that is now whole, in order. After an error nothing more can be told from the stream: every
    /// later call gives the same error. Holds at most one header or one body, whatever the sender claims or sends.
    [[nodiscard]] Status feed(std::string_view bytes, const std::function<void(std::string)>& message);

    /// Whether the stream ends between two messages rather than inside one.
    [[nodiscard]] bool between_messages() const { return !m_length && m_pending.empty() && m_header_bytes == 0; }

private:
    [[nodiscard]] Status take_header_line(std::string_view line);
    [[nodiscard]] Status take_header(std::string_view& bytes);

    std::string m_pending;                  ///< the header line or the body read so far
    std::size_t m_header_bytes = 0;         ///< of the header being read
    std::optional<std::size_t> m_declared;  ///< Content-Length, once its line was read
    std::optional<std::size_t> m_length;    ///< set while the body is read
    std::optional<Error> m_error;
};

}  // namespace lossmith::protocol
