#include "core/protocol/Outbox.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/protocol/Framing.h"

namespace lossmith::protocol {

Status Outbox::send(const Json& message) {
    const std::string bytes = frame(message);
    if (bytes.size() > largest_message)
        return failure(
            Error::unsupported("The answer is larger than the " + std::to_string(largest_message >> 20U) + " MiB a message may have.")
                .with_hint("Ask for less at once: fewer tokens, prompts or alternatives."));
    const std::scoped_lock lock(m_mutex);
    std::size_t written = 0;
    while (!m_broken && written < bytes.size()) {
        const ssize_t count = ::write(m_descriptor, bytes.data() + written, bytes.size() - written);
        if (count >= 0) {
            written += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            pollfd writable{m_descriptor, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            m_broken = true;
        }
    }
    if (m_broken) return failure(Error::io("Nobody reads this program's answers any more."));
    return {};
}

}  // namespace lossmith::protocol
