// The engine's side of the protocol: reads requests at once, runs them one at a time, answers each exactly once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::protocol {

/// What a method may do besides giving back its result. Valid only during the call.
class RequestContext {
public:
    RequestContext(CancellationToken token, std::function<void(const Json&)> send) : m_token(std::move(token)), m_send(std::move(send)) {}

    [[nodiscard]] bool cancelled() const noexcept { return m_token.is_cancelled(); }
    [[nodiscard]] const CancellationToken& cancellation() const noexcept { return m_token; }

    /// Sends `$/progress` when the request asked for it; may be called from any thread. Not throttled here.
    void progress(const Json& value) const {
        if (m_send) m_send(value);
    }
    [[nodiscard]] bool wants_progress() const noexcept { return static_cast<bool>(m_send); }

private:
    CancellationToken m_token;
    std::function<void(const Json&)> m_send;
};

/// `params` is always an object. An exception that leaves it is answered as an Error.
using Method = std::function<Result<Json>(const Json& params, RequestContext& context)>;

/// Two file descriptors that this process talks over.
struct Streams {
    int input = -1;
    int output = -1;
};

/// Keeps standard input and output for the protocol alone: from here on whatever else prints goes to standard error, and whatever
/// else reads finds nothing. SIGPIPE is ignored, so that a listener that left shows as a failed write.
[[nodiscard]] Result<Streams> claim_standard_streams();

/// `shutdown` is answered by the server itself. At the end of the input what was asked before is still answered, as long as somebody
/// listens; when the listener is gone, everything is cancelled, and a method that does not heed that ends with the process.
class Server {
public:
    explicit Server(Streams streams);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void add(const std::string& name, Method method);

    /// Runs the methods on the calling thread until `shutdown` or the end of the input. An error when the stream was unreadable.
    [[nodiscard]] Status run();

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith::protocol
