// A file as a stream of UTF-8 text in small pieces, whatever its encoding, with a way back to an earlier place.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/data/TextDecoder.h"

namespace lossmith {

/// Positions count bytes of the decoded text, the byte-order mark left out. Bytes that do not decode show as invalid UTF-8.
class TextSource {
public:
    [[nodiscard]] static Result<TextSource> open(const std::filesystem::path& path, const std::string& encoding,
                                                 const CancellationToken& cancelled);
    /// Text already in memory.
    [[nodiscard]] static TextSource from_text(std::string text);

    /// Text read and not yet taken; empty before the first refill(), and when refill() is due.
    [[nodiscard]] std::string_view window() const { return std::string_view(m_text).substr(m_taken); }
    void take(std::size_t count) { m_taken += count; }

    /// When the window is empty: reads on. False at the end. Cancelled when asked to stop.
    [[nodiscard]] Result<bool> refill();

    [[nodiscard]] std::int64_t position() const { return m_text_begin + static_cast<std::int64_t>(m_taken); }
    [[nodiscard]] Status go_back_to(std::int64_t position);

    [[nodiscard]] std::int64_t file_bytes_read() const { return m_file_read; }
    [[nodiscard]] std::int64_t file_size() const { return m_file_size; }

private:
    TextSource() = default;
    [[nodiscard]] Result<std::size_t> read_chunk(char* into, std::size_t size);
    [[nodiscard]] Status start_over(std::int64_t file_offset);

    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, CloseFile> m_file;
    std::string m_name;
    std::optional<TextDecoder> m_decoder;  ///< none for UTF-8, which is passed on as it is
    CancellationToken m_cancelled;
    std::string m_bytes;
    std::string m_text;
    std::size_t m_taken = 0;
    std::int64_t m_text_begin = 0;
    std::int64_t m_mark_length = 0;
    std::int64_t m_file_read = 0;
    std::int64_t m_file_size = 0;
    bool m_ended = false;
};

}  // namespace lossmith
