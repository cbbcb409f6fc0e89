#include "core/engine/generation/TextStream.h"

#include <algorithm>
#include <string_view>

#include "core/data/Utf8.h"

namespace lossmith::engine {
namespace {

/// How many bytes at the end of `text` begin a UTF-8 character that is not complete yet.
std::size_t unfinished_bytes(std::string_view text) {
    for (std::size_t back = std::min<std::size_t>(3, text.size()); back > 0; --back)
        if (is_unfinished_utf8(text.substr(text.size() - back))) return back;
    return 0;
}

}  // namespace

TextStream::TextStream(const Tokenizer& tokenizer, std::vector<std::string> stop_strings)
    : m_tokenizer(tokenizer), m_stop_strings(std::move(stop_strings)) {
    std::erase(m_stop_strings, std::string{});
    for (const std::string& stop : m_stop_strings) m_longest_stop = std::max(m_longest_stop, stop.size());
}

std::size_t TextStream::certain() const {
    std::size_t end = m_text.size() - unfinished_bytes(m_text);
    for (const std::string& stop : m_stop_strings)
        for (std::size_t count = std::min(stop.size() - 1, m_text.size()); count > 0; --count)
            if (m_text.compare(m_text.size() - count, count, stop, 0, count) == 0) {
                end = std::min(end, m_text.size() - count);
                break;
            }
    return std::max(end, m_told);
}

std::string TextStream::push(TokenId id) {
    if (m_stopped || m_tokenizer.is_special(id)) return {};
    const std::size_t before = m_text.size();
    m_text += m_tokenizer.bytes_of(id);
    const std::size_t search_from = before > m_longest_stop ? before - m_longest_stop : 0;
    std::size_t cut = std::string::npos;
    for (const std::string& stop : m_stop_strings) cut = std::min(cut, m_text.find(stop, search_from));
    if (cut != std::string::npos) {
        m_text.resize(cut);
        m_stopped = true;
    }
    const std::size_t end = m_stopped ? m_text.size() : certain();
    std::string news = m_text.substr(m_told, end - m_told);
    m_told = end;
    return news;
}

std::string TextStream::finish() {
    std::string rest = m_text.substr(m_told);
    m_told = m_text.size();
    return rest;
}

}  // namespace lossmith::engine
