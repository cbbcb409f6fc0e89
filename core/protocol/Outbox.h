// Writes whole messages to a file descriptor, one thread at a time.
#pragma once

#include <mutex>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::protocol {

class Outbox {
public:
    explicit Outbox(int descriptor) : m_descriptor(descriptor) {}

    /// Blocks until the message is written. Unsupported, and nothing written, when it is larger than a message may be;
    /// Io once the listener is gone, and ever after.
    Status send(const Json& message);

private:
    std::mutex m_mutex;
    int m_descriptor;
    bool m_broken = false;
};

}  // namespace lossmith::protocol
