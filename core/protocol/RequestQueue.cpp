#include "core/protocol/RequestQueue.h"

#include <algorithm>

namespace lossmith::protocol {
namespace {

constexpr std::size_t most_requests = 1'000;
constexpr std::size_t most_bytes = 128U << 20U;

}  // namespace

RequestQueue::Pushed RequestQueue::push(Request request, std::size_t bytes) {
    const std::scoped_lock lock(m_mutex);
    if (m_closed) return Pushed::Closed;
    if (m_waiting.size() >= most_requests || m_bytes + bytes > most_bytes) return Pushed::Full;
    const auto same = [&request](const Job& job) { return job.request.id == request.id; };
    if ((m_running && m_running->first == request.id) || std::ranges::any_of(m_waiting, same)) return Pushed::SameIdWaits;
    m_waiting.push_back({std::move(request), {}, bytes});
    m_bytes += bytes;
    m_changed.notify_one();
    return Pushed::Queued;
}

std::optional<RequestQueue::Job> RequestQueue::take() {
    std::unique_lock lock(m_mutex);
    m_running.reset();
    m_changed.wait(lock, [this] { return m_closed || !m_waiting.empty(); });
    if (m_waiting.empty()) return std::nullopt;
    Job job = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_bytes -= job.bytes;
    m_running.emplace(job.request.id, job.token);
    return job;
}

void RequestQueue::finished() {
    const std::scoped_lock lock(m_mutex);
    m_running.reset();
}

bool RequestQueue::cancel(const Json& id) {
    const std::scoped_lock lock(m_mutex);
    if (m_running && m_running->first == id) m_running->second.cancel();
    const auto found = std::ranges::find_if(m_waiting, [&id](const Job& job) { return job.request.id == id; });
    if (found == m_waiting.end()) return false;
    m_bytes -= found->bytes;
    m_waiting.erase(found);
    return true;
}

void RequestQueue::close() {
    const std::scoped_lock lock(m_mutex);
    m_closed = true;
    m_changed.notify_all();
}

void RequestQueue::close_and_drop() {
    const std::scoped_lock lock(m_mutex);
    m_closed = true;
    m_waiting.clear();
    m_bytes = 0;
    if (m_running) m_running->second.cancel();
    m_changed.notify_all();
}

}  // namespace lossmith::protocol
