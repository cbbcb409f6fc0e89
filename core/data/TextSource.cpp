#include "core/data/TextSource.h"

#include <cerrno>
#include <cstring>

#include "core/data/Encoding.h"

namespace lossmith {
namespace {

/// Cancel is read between chunks, so they are small.
constexpr std::size_t chunk_size = 65'536;

}  // namespace

Result<TextSource> TextSource::open(const std::filesystem::path& path, const std::string& encoding, const CancellationToken& cancelled) {
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (!std::filesystem::exists(status)) return failure(Error::not_found("There is no file " + path.string() + "."));
    // A pipe or a device may give bytes for ever and cannot be read twice.
    if (!std::filesystem::is_regular_file(status))
        return failure(Error::unsupported(path.string() + " is not a plain file.").with_hint("Save the data to a file first."));
    TextSource source;
    source.m_file.reset(std::fopen(path.c_str(), "rb"));
    if (!source.m_file) return failure(Error::io("Cannot open " + path.string() + ": " + std::strerror(errno) + "."));
    source.m_name = path.string();
    source.m_file_size = static_cast<std::int64_t>(std::filesystem::file_size(path, code));
    if (code) source.m_file_size = 0;
    source.m_cancelled = cancelled;
    if (!names_utf8(encoding)) source.m_decoder = LOSSMITH_TRY(TextDecoder::create(encoding));

    char front[4];
    const std::size_t got = LOSSMITH_TRY(source.read_chunk(front, sizeof front));
    const ByteOrderMark mark = byte_order_mark({front, got});
    // A mark of another encoding than the one asked for is left in the text, where the user sees that the choice is wrong.
    const bool matches = names_utf8(mark.encoding) ? names_utf8(encoding) : code_unit_size(mark.encoding) == code_unit_size(encoding);
    if (mark.length > 0 && matches) source.m_mark_length = static_cast<std::int64_t>(mark.length);
    LOSSMITH_CHECK(source.start_over(source.m_mark_length));
    return source;
}

TextSource TextSource::from_text(std::string text) {
    TextSource source;
    source.m_file_size = static_cast<std::int64_t>(text.size());
    source.m_file_read = source.m_file_size;
    source.m_text = std::move(text);
    source.m_ended = true;
    return source;
}

Result<std::size_t> TextSource::read_chunk(char* into, std::size_t size) {
    if (m_cancelled.is_cancelled()) return failure(Error::cancelled());
    const std::size_t got = std::fread(into, 1, size, m_file.get());
    if (got < size && std::ferror(m_file.get()))
        return failure(Error::io("Reading " + m_name + " failed: " + std::strerror(errno) + ".").in_file(m_name));
    m_file_read += static_cast<std::int64_t>(got);
    return got;
}

Status TextSource::start_over(std::int64_t file_offset) {
    if (fseeko(m_file.get(), file_offset, SEEK_SET) != 0)
        return failure(Error::io("Reading " + m_name + " failed: " + std::strerror(errno) + ".").in_file(m_name));
    m_file_read = file_offset;
    m_text.clear();
    m_taken = 0;
    m_text_begin = file_offset - m_mark_length;
    m_ended = false;
    return {};
}

Result<bool> TextSource::refill() {
    if (m_taken < m_text.size()) return true;
    while (!m_ended) {
        m_text_begin += static_cast<std::int64_t>(m_text.size());
        m_text.clear();
        m_taken = 0;
        std::string& target = m_decoder ? m_bytes : m_text;
        target.resize(chunk_size);
        const std::size_t got = LOSSMITH_TRY(read_chunk(target.data(), chunk_size));
        target.resize(got);
        m_ended = got < chunk_size;
        if (m_decoder) LOSSMITH_CHECK(m_decoder->decode(m_bytes, m_ended, m_text));
        if (!m_text.empty()) return true;
    }
    return false;
}

Status TextSource::go_back_to(std::int64_t position) {
    if (position >= m_text_begin && position <= m_text_begin + static_cast<std::int64_t>(m_text.size())) {
        m_taken = static_cast<std::size_t>(position - m_text_begin);
        return {};
    }
    if (!m_file) return failure(Error::internal("A place outside the text was asked for."));
    if (!m_decoder) return start_over(m_mark_length + position);
    // Where a character lies in the file is known only by decoding up to it.
    LOSSMITH_CHECK(start_over(m_mark_length));
    m_decoder->reset();
    while (m_text_begin + static_cast<std::int64_t>(m_text.size()) < position) {
        m_taken = m_text.size();
        if (!LOSSMITH_TRY(refill())) return failure(Error::io(m_name + " became shorter while it was read.").in_file(m_name));
    }
    m_taken = static_cast<std::size_t>(position - m_text_begin);
    return {};
}

}  // namespace lossmith
