#include "core/engine/loss/check/SourceText.h"

#include <algorithm>

namespace lossmith::engine {
namespace {

std::size_t line_start(const std::string& source, int line) {
    std::size_t at = 0;
    for (int i = 1; i < line && at < source.size(); ++i) {
        const auto end = source.find('\n', at);
        at = end == std::string::npos ? source.size() : end + 1;
    }
    return at;
}

/// The byte of a line and column; columns count code points.
std::size_t byte_of(const std::string& source, int line, int column) {
    std::size_t at = line_start(source, line);
    for (int i = 1; i < column && at < source.size() && source[at] != '\n'; ++i) {
        ++at;
        while (at < source.size() && (static_cast<unsigned char>(source[at]) & 0xC0U) == 0x80U) ++at;
    }
    return at;
}

}  // namespace

std::string text_at(const std::string& source, const SourceRange& where) {
    const std::size_t begin = byte_of(source, where.line, where.column);
    const std::size_t end = std::max(begin, byte_of(source, where.end_line, where.end_column));
    return source.substr(begin, end - begin);
}

std::string with_text_at(const std::string& source, const SourceRange& where, std::string_view replacement) {
    const std::size_t begin = byte_of(source, where.line, where.column);
    const std::size_t end = std::max(begin, byte_of(source, where.end_line, where.end_column));
    return source.substr(0, begin) + std::string(replacement) + source.substr(end);
}

std::string line_of(const std::string& source, int line) {
    const std::size_t begin = line_start(source, line);
    return source.substr(begin, source.find('\n', begin) - begin);
}

}  // namespace lossmith::engine
