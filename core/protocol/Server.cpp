#include "core/protocol/Server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <new>
#include <optional>
#include <string_view>
#include <thread>

#include "core/protocol/Framing.h"
#include "core/protocol/JsonRpc.h"
#include "core/protocol/Outbox.h"
#include "core/protocol/RequestQueue.h"

namespace lossmith::protocol {
namespace {

/// How long a method may go on after the listener left before the process ends under it.
constexpr int patience_milliseconds = 2'000;

Error out_of_memory() {
    return Error::out_of_memory("Memory ran out while answering.").with_hint("Use a shorter text, a smaller batch or a smaller model.");
}

/// LibTorch puts a stack trace below the first line.
std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

Result<Json> call(const Method& method, const Json& params, RequestContext& context) {
    try {
        return method(params, context);
    } catch (const std::bad_alloc&) {
        return failure(out_of_memory());
    } catch (const std::exception& exception) {
        return failure(Error::internal("The engine failed: " + first_line(exception.what())));
    } catch (...) {
        return failure(Error::internal("The engine failed for a reason it did not give."));
    }
}

}  // namespace

Result<Streams> claim_standard_streams() {
    std::fflush(stdout);
    std::signal(SIGPIPE, SIG_IGN);
    const Streams streams{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (streams.input < 0 || streams.output < 0 || nothing < 0)
        return failure(Error::io("Standard input and output are not both open.").with_hint("This program is started by another one."));
    ::dup2(nothing, STDIN_FILENO);
    if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) ::dup2(nothing, STDOUT_FILENO);
    ::close(nothing);
    return streams;
}

struct Server::Parts {
    explicit Parts(Streams both) : streams(both), outbox(both.output), wake(::eventfd(0, EFD_CLOEXEC)) {}
    ~Parts() { ::close(wake); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    void listen();
    bool read_some();
    void end_input(Error error);
    void leave_without_listener();
    void accept(const std::string& text);
    void accept(Request request, std::size_t bytes);
    void cancel(const Notification& notification);
    Result<Json> result_of(const RequestQueue::Job& job);
    bool answer(const RequestQueue::Job& job);

    Streams streams;
    Outbox outbox;
    RequestQueue queue;
    FrameReader reader;
    int wake;  ///< readable once the working thread is done
    std::map<std::string, Method> methods;
    std::optional<Error> stream_error;  ///< written by the reading thread, read after it ended
};

void Server::Parts::listen() {
    bool open = true;
    while (true) {
        std::array<pollfd, 3> watched{{{open ? streams.input : -1, POLLIN, 0}, {streams.output, 0, 0}, {wake, POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[2].revents != 0) return;
        if (watched[1].revents != 0) return leave_without_listener();
        if (watched[0].revents != 0) open = read_some();
    }
}

bool Server::Parts::read_some() {
    std::array<char, 1U << 16U> block{};
    const ssize_t count = ::read(streams.input, block.data(), block.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) {
        if (!reader.between_messages()) stream_error = Error::io("The input ended inside a message.");
        queue.close();
        return false;
    }
    try {
        const Status status =
            reader.feed({block.data(), static_cast<std::size_t>(count)}, [this](const std::string& text) { accept(text); });
        if (status) return true;
        end_input(status.error());
    } catch (const std::bad_alloc&) {
        end_input(out_of_memory());
    }
    return false;
}

// Where the next message starts can not be told any more.
void Server::Parts::end_input(Error error) {
    static_cast<void>(outbox.send(make_error(nullptr, parse_error, error)));
    stream_error = std::move(error);
    queue.close();
}

void Server::Parts::leave_without_listener() {
    stream_error = Error::io("Nobody reads this program's answers any more.");
    queue.close_and_drop();
    pollfd done{wake, POLLIN, 0};
    if (::poll(&done, 1, patience_milliseconds) == 0) ::_exit(EXIT_FAILURE);
}

void Server::Parts::accept(const std::string& text) {
    auto message = parse_message(text);
    if (!message) {
        static_cast<void>(outbox.send(make_error(message.error().id, message.error().code, message.error().error)));
    } else if (auto* request = std::get_if<Request>(&*message)) {
        accept(std::move(*request), text.size());
    } else if (const auto* notification = std::get_if<Notification>(&*message); notification && notification->method == "$/cancelRequest") {
        cancel(*notification);
    }
}

void Server::Parts::accept(Request request, std::size_t bytes) {
    const Json id = request.id;
    switch (queue.push(std::move(request), bytes)) {
        case RequestQueue::Pushed::Queued: return;
        case RequestQueue::Pushed::Closed: return;  // it came after `shutdown` and is dropped like what waited then
        case RequestQueue::Pushed::Full:
            static_cast<void>(outbox.send(make_error(id, Error::unsupported("Too many requests wait for the engine."))));
            return;
        case RequestQueue::Pushed::SameIdWaits:
            static_cast<void>(
                outbox.send(make_error(id, invalid_request, Error::bad_input("A request with this id is not answered yet."))));
            return;
    }
}

void Server::Parts::cancel(const Notification& notification) {
    const auto id = notification.params.find("id");
    if (id != notification.params.end() && queue.cancel(*id)) static_cast<void>(outbox.send(make_error(*id, Error::cancelled())));
}

Result<Json> Server::Parts::result_of(const RequestQueue::Job& job) {
    std::function<void(const Json&)> send;
    const auto token = job.request.params.find("progressToken");
    if (token != job.request.params.end() && (token->is_string() || token->is_number_integer()))
        send = [this, token = *token](const Json& value) {
            static_cast<void>(outbox.send(make_notification("$/progress", {{"token", token}, {"value", value}})));
        };
    RequestContext context(job.token, std::move(send));
    return call(methods.at(job.request.method), job.request.params, context);
}

// False when nobody listens.
bool Server::Parts::answer(const RequestQueue::Job& job) {
    const Json& id = job.request.id;
    Status sent;
    if (!methods.contains(job.request.method)) {
        queue.finished();
        sent = outbox.send(make_error(id, method_not_found, Error::unsupported("There is no method \"" + job.request.method + "\".")));
    } else {
        Result<Json> result = result_of(job);
        queue.finished();  // first, so that the id may be used again by whoever reads the answer
        if (job.token.is_cancelled()) result = failure(Error::cancelled());
        try {
            sent = outbox.send(result ? make_response(id, std::move(*result)) : make_error(id, result.error()));
        } catch (const std::bad_alloc&) {
            sent = failure(out_of_memory());
        }
        if (!sent && sent.error().kind != ErrorKind::Io) sent = outbox.send(make_error(id, sent.error()));
    }
    return sent.has_value();
}

Server::Server(Streams streams) : m_parts(std::make_unique<Parts>(streams)) {}

Server::~Server() = default;

void Server::add(const std::string& name, Method method) {
    m_parts->methods.insert_or_assign(name, std::move(method));
}

Status Server::run() {
    std::thread reading([this] { m_parts->listen(); });
    while (const auto job = m_parts->queue.take()) {
        if (job->request.method == "shutdown") {
            m_parts->queue.close_and_drop();
            static_cast<void>(m_parts->outbox.send(make_response(job->request.id, nullptr)));
            break;
        }
        if (!m_parts->answer(*job)) m_parts->queue.close_and_drop();
    }
    static_cast<void>(::eventfd_write(m_parts->wake, 1));
    reading.join();
    if (m_parts->stream_error) return failure(*m_parts->stream_error);
    return {};
}

}  // namespace lossmith::protocol
