// Requests that wait for their turn, and the one whose turn it is; cancel reaches both.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

#include "core/base/Cancellation.h"
#include "core/protocol/JsonRpc.h"

namespace lossmith::protocol {

/// Shared by the thread that reads and the one that works.
class RequestQueue {
public:
    struct Job {
        Request request;
        CancellationToken token;
        std::size_t bytes = 0;  ///< of the message it came in
    };

    enum class Pushed { Queued, Full, SameIdWaits, Closed };

    /// Full above 1,000 requests or 128 MiB of them, so that a sender who never waits can not fill the memory.
    [[nodiscard]] Pushed push(Request request, std::size_t bytes);

    /// Waits for the next one. Nothing once the queue is closed and, unless it was dropped, empty. Until the next call, or
    /// finished(), the job counts as running.
    [[nodiscard]] std::optional<Job> take();
    void finished();

    /// Raises the running request's token, or takes a waiting one out: then true, and the caller answers it.
    [[nodiscard]] bool cancel(const Json& id);

    void close();           ///< no more will come; what waits is still taken
    void close_and_drop();  ///< and what waits or runs is not wanted any more

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Job> m_waiting;
    std::optional<std::pair<Json, CancellationToken>> m_running;
    std::size_t m_bytes = 0;
    bool m_closed = false;
};

}  // namespace lossmith::protocol
