// Framing is strict, because a stream that was misread once can not be trusted again.
#include "core/protocol/Framing.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace lossmith::protocol {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); }, {}, {});
}

Result<std::size_t> parse_length(std::string_view value) {
    std::size_t length = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.empty() || code == std::errc::invalid_argument || end != value.data() + value.size())
        return failure(Error::bad_input("A message's Content-Length is not a number."));
    if (code == std::errc::result_out_of_range || length > largest_message)
        return failure(Error::bad_input("A message is larger than the " + std::to_string(largest_message >> 20U) + " MiB allowed."));
    return length;
}

}  // namespace

std::string frame(const Json& message) {
    const std::string body = message.dump(-1, ' ', false, Json::error_handler_t::replace);
    return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Status FrameReader::feed(std::string_view bytes, const std::function<void(std::string)>& message) {
    if (m_error) return failure(*m_error);
    while (!bytes.empty() || (m_length && *m_length == 0)) {
        if (!m_length) {
            if (Status status = take_header(bytes); !status) {
                m_error = status.error();
                std::string().swap(m_pending);
                return status;
            }
            continue;
        }
        const std::size_t taken = std::min(bytes.size(), *m_length - m_pending.size());
        m_pending.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        if (m_pending.size() < *m_length) break;
        m_length.reset();
        std::string body;
        body.swap(m_pending);
        message(std::move(body));
    }
    return {};
}

// Takes up to one line from `bytes`. Lines are judged one by one so that plain garbage is refused at its first line's end.
Status FrameReader::take_header(std::string_view& bytes) {
    const auto newline = bytes.find('\n');
    const std::size_t taken = newline == std::string_view::npos ? bytes.size() : newline + 1;
    if (taken > largest_header - m_header_bytes) return failure(Error::bad_input("A message's header is longer than 8 KiB."));
    m_header_bytes += taken;
    m_pending.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (newline == std::string_view::npos) return {};

    std::string line;
    line.swap(m_pending);
    line.pop_back();
    if (line.empty() || line.back() != '\r') return failure(Error::bad_input("A message's header line does not end in CR LF."));
    line.pop_back();
    if (!line.empty()) return take_header_line(line);

    if (!m_declared) return failure(Error::bad_input("A message has no Content-Length."));
    m_length = m_declared;
    m_declared.reset();
    m_header_bytes = 0;
    return {};
}

Status FrameReader::take_header_line(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return failure(Error::bad_input("A message does not start with a header such as Content-Length."));
    // Content-Type and fields of later versions carry nothing that is needed here.
    if (!same_name(line.substr(0, colon), "Content-Length")) return {};
    if (m_declared) return failure(Error::bad_input("A message gives its Content-Length twice."));
    m_declared = LOSSMITH_TRY(parse_length(trimmed(line.substr(colon + 1))));
    return {};
}

}  // namespace lossmith::protocol
