#include "core/data/Encoding.h"

#include <uchardet/uchardet.h>

#include <algorithm>
#include <memory>

#include "core/data/TextDecoder.h"
#include "core/data/Utf8.h"

namespace lossmith {
namespace {

std::string in_capitals(std::string_view text) {
    std::string capitals(text);
    for (char& c : capitals)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return capitals;
}

/// UTF-16 shows as zero bytes at every other place: each line end, space and comma has one, and most Latin letters do.
std::string_view utf16_by_zeros(std::string_view sample) {
    std::size_t zeros[2] = {0, 0};
    for (std::size_t i = 0; i < sample.size(); ++i)
        if (sample[i] == '\0') ++zeros[i % 2];
    const std::size_t enough = std::max<std::size_t>(2, sample.size() / 100);
    if (zeros[1] >= enough && zeros[0] * 10 <= zeros[1]) return "UTF-16LE";
    if (zeros[0] >= enough && zeros[1] * 10 <= zeros[0]) return "UTF-16BE";
    return {};
}

struct Utf8Evidence {
    std::size_t characters = 0;  ///< valid ones of several bytes
    std::size_t faults = 0;      ///< bytes that belong to none
};

Utf8Evidence utf8_evidence(std::string_view sample, bool whole) {
    Utf8Evidence evidence;
    while (!sample.empty()) {
        const std::string_view valid = sample.substr(0, valid_utf8_length(sample));
        evidence.characters += static_cast<std::size_t>(
            std::count_if(valid.begin(), valid.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0xC0U; }));
        sample.remove_prefix(valid.size());
        if (sample.empty() || (!whole && is_unfinished_utf8(sample))) break;
        ++evidence.faults;
        sample.remove_prefix(1);
    }
    return evidence;
}

std::string uchardet_name(std::string_view sample) {
    const std::unique_ptr<uchardet, decltype(&uchardet_delete)> detector(uchardet_new(), &uchardet_delete);
    if (!detector || uchardet_handle_data(detector.get(), sample.data(), sample.size()) != 0) return {};
    uchardet_data_end(detector.get());
    const char* name = uchardet_get_charset(detector.get());
    return name ? name : "";
}

}  // namespace

ByteOrderMark byte_order_mark(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr struct {
        std::string_view mark;
        std::string_view encoding;
    } marks[] = {
        // UTF-32LE before UTF-16LE, whose mark it begins with.
        {"\xFF\xFE\0\0"sv, "UTF-32LE"sv}, {"\0\0\xFE\xFF"sv, "UTF-32BE"sv}, {"\xEF\xBB\xBF"sv, "UTF-8"sv},
        {"\xFF\xFE"sv, "UTF-16LE"sv},     {"\xFE\xFF"sv, "UTF-16BE"sv},
    };
    for (const auto& [mark, encoding] : marks)
        if (bytes.starts_with(mark)) return {encoding, mark.size()};
    return {};
}

std::size_t code_unit_size(std::string_view encoding) {
    const std::string name = in_capitals(encoding);
    if (name.starts_with("UTF-16") || name.starts_with("UCS-2")) return 2;
    if (name.starts_with("UTF-32") || name.starts_with("UCS-4")) return 4;
    return 1;
}

bool names_utf8(std::string_view encoding) {
    const std::string name = in_capitals(encoding);
    return name == "UTF-8" || name == "UTF8" || name == "ASCII" || name == "US-ASCII";
}

EncodingGuess guess_encoding(std::string_view sample, bool whole) {
    if (const auto mark = byte_order_mark(sample); mark.length > 0)
        return {std::string(mark.encoding), "The text is " + std::string(mark.encoding) + ", told from its byte-order mark."};
    if (const auto utf16 = utf16_by_zeros(sample); !utf16.empty())
        return {std::string(utf16), "The text is " + std::string(utf16) + ", told from its zero bytes."};
    const Utf8Evidence evidence = utf8_evidence(sample, whole);
    if (evidence.faults == 0) return {"UTF-8", "The text is UTF-8."};
    if (evidence.characters > 4 * evidence.faults)
        return {"UTF-8", "The text is UTF-8, but some of its bytes are not; rows that hold such bytes are set aside."};

    const std::string told = uchardet_name(sample);
    if (!told.empty() && !names_utf8(told) && TextDecoder::create(told))
        return {told, "The text is " + told + ", told from its bytes; choose another encoding if letters look wrong."};
    return {"windows-1252",
            "The text's encoding could not be told from its bytes; it is read as windows-1252. "
            "Choose another encoding if letters look wrong."};
}

}  // namespace lossmith
