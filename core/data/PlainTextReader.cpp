#include "core/data/PlainTextReader.h"

#include <algorithm>

#include "core/data/Utf8.h"

namespace lossmith {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\v';
}

/// The last place up to `limit` where a line end and then a blank line end a paragraph; 0 when there is none.
std::size_t last_paragraph_end(std::string_view text, std::size_t limit) {
    for (std::size_t place = std::min(limit, text.size() - 1); place > 0; --place) {
        if (text[place] != '\n') continue;
        const auto next = text.find_first_not_of(" \t\f\v", place + 1);
        if (next != std::string_view::npos && text[next] == '\n') return place;
    }
    return 0;
}

std::size_t last_sentence_end(std::string_view text) {
    for (std::size_t i = text.size(); i-- > 1;)
        if (text[i] == ' ' && (text[i - 1] == '.' || text[i - 1] == '!' || text[i - 1] == '?')) return i;
    return 0;
}

/// How much of `text`, which is longer than `limit`, makes the next row.
std::size_t cut_place(std::string_view text, std::size_t limit) {
    if (const auto place = last_paragraph_end(text, limit); place > 0) return place;
    const std::string_view front = text.substr(0, limit);
    if (const auto place = front.rfind('\n'); place != std::string_view::npos && place > 0) return place;
    if (const auto place = last_sentence_end(front); place > 0) return place;
    if (const auto place = front.rfind(' '); place != std::string_view::npos && place > 0) return place;
    return std::max<std::size_t>(1, utf8_prefix(text, limit).size());
}

}  // namespace

Result<std::vector<std::filesystem::path>> text_files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        std::error_code ignored;
        if (entry->path().extension() == ".txt" && entry->is_regular_file(ignored)) files.push_back(entry->path());
    }
    if (code) return failure(Error::io("Cannot read the folder " + folder.string() + ": " + code.message() + "."));
    if (files.empty()) return failure(Error::bad_input("There is no .txt file in the folder " + folder.string() + "."));
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::unique_ptr<RecordReader>> PlainTextReader::open(const std::filesystem::path& path, const ImportOptions& options,
                                                            const CancellationToken& cancelled) {
    std::unique_ptr<PlainTextReader> reader(new PlainTextReader);
    reader->m_encoding = *options.encoding;
    reader->m_cancelled = cancelled;
    reader->m_row_bytes = static_cast<std::size_t>(options.text_row_bytes);
    reader->m_columns = {"text"};
    std::error_code code;
    reader->m_is_folder = std::filesystem::is_directory(path, code);
    if (reader->m_is_folder) {
        reader->m_columns.emplace_back("file");
        reader->m_files = LOSSMITH_TRY(text_files_in(path));
    } else {
        reader->m_files = {path};
    }
    for (const auto& file : reader->m_files) {
        const TextSource source = LOSSMITH_TRY(TextSource::open(file, reader->m_encoding, cancelled));
        reader->m_bytes_in_all += source.file_size();
    }
    return reader;
}

std::int64_t PlainTextReader::bytes_read() const {
    return m_bytes_before + (m_source ? m_source->file_bytes_read() : 0);
}

void PlainTextReader::append(std::string_view text) {
    for (const char c : text) {
        if (c != '\n' || !m_after_return) m_text += c == '\r' ? '\n' : c;
        m_after_return = c == '\r';
    }
}

/// Reads on until there is more than one row's text, or the file is at its end. False when nothing is left of any file.
Result<bool> PlainTextReader::fill() {
    for (;;) {
        if (!m_source) {
            if (m_next_file == m_files.size()) return false;
            m_source = LOSSMITH_TRY(TextSource::open(m_files[m_next_file++], m_encoding, m_cancelled));
            m_line = 1;
            m_after_return = false;
        }
        while (m_text.size() <= m_row_bytes && LOSSMITH_TRY(m_source->refill())) {
            append(m_source->window());
            m_source->take(m_source->window().size());
        }
        // Blank lines before a row belong to none.
        const auto begin = std::find_if_not(m_text.begin(), m_text.end(), is_space);
        const auto line_begin = std::find(std::make_reverse_iterator(begin), m_text.rend(), '\n').base();
        m_line += std::count(m_text.begin(), line_begin, '\n');
        m_text.erase(m_text.begin(), begin == m_text.end() ? begin : line_begin);
        if (m_text.size() > m_row_bytes) return true;
        if (LOSSMITH_TRY(m_source->refill())) continue;
        if (!m_text.empty()) return true;
        m_bytes_before += m_source->file_bytes_read();
        m_source.reset();
    }
}

Result<bool> PlainTextReader::next(Record& record) {
    if (!LOSSMITH_TRY(fill())) return false;
    const std::size_t cut = m_text.size() > m_row_bytes ? cut_place(m_text, m_row_bytes) : m_text.size();
    std::string text = m_text.substr(0, cut);
    record = Record{};
    record.line = m_line;
    m_line += std::count(text.begin(), text.end(), '\n');
    // The space that a sentence or line was cut at belongs to neither part.
    const bool cut_at_space = cut < m_text.size() && m_text[cut] == ' ';
    m_text.erase(0, cut_at_space ? cut + 1 : cut);
    while (!text.empty() && is_space(text.back())) text.pop_back();

    record.raw = shown_text(text);
    record.fault = cell_fault(text);
    record.cells.emplace_back(std::move(text));
    if (m_is_folder) record.cells.emplace_back(shown_text(m_files[m_next_file - 1].filename().string()));
    return true;
}

}  // namespace lossmith
