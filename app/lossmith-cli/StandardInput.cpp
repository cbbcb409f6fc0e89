#include "app/lossmith-cli/StandardInput.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lossmith::cli {
namespace {

constexpr std::size_t longest_line = std::size_t{256} << 20U;
constexpr std::size_t block_size = std::size_t{1} << 18U;

}  // namespace

Result<bool> StandardInput::read_more() {
    if (m_begin > 0) {
        m_buffer.erase(0, m_begin);
        m_begin = 0;
    }
    m_before_waiting();
    const std::size_t before = m_buffer.size();
    m_buffer.resize(before + block_size);
    ssize_t count = -1;
    do {
        if (m_cancelled.is_cancelled()) return failure(Error::cancelled());
        count = ::read(STDIN_FILENO, m_buffer.data() + before, block_size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return failure(Error::io(std::string("Standard input could not be read: ") + std::strerror(errno) + "."));
    m_buffer.resize(before + static_cast<std::size_t>(count));
    return count > 0;
}

Result<std::optional<std::string_view>> StandardInput::next_line() {
    std::size_t searched = m_begin;
    while (true) {
        const std::size_t end = m_buffer.find('\n', searched);
        if (end != std::string::npos) {
            const std::string_view line = std::string_view(m_buffer).substr(m_begin, end - m_begin);
            m_begin = end + 1;
            return line;
        }
        const std::size_t waiting = m_buffer.size() - m_begin;
        if (waiting > longest_line) return failure(Error::bad_input("A line of standard input is longer than 256 MiB."));
        if (!LOSSMITH_TRY(read_more())) {
            if (waiting == 0) return std::nullopt;
            const std::string_view line = std::string_view(m_buffer).substr(m_begin);
            m_begin = m_buffer.size();
            return line;
        }
        searched = waiting;  // read_more() moved what was waiting to the front
    }
}

Result<std::string> StandardInput::rest() {
    while (LOSSMITH_TRY(read_more())) {
    }
    std::string all = std::move(m_buffer);
    m_buffer.clear();
    m_begin = 0;
    return all;
}

}  // namespace lossmith::cli
