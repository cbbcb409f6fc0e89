#include "core/data/TextDecoder.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <string>

#include "core/data/Encoding.h"

namespace lossmith {
namespace {

/// What text in the wild that claims the left name is really in (WHATWG Encoding Standard, "names and labels").
std::string real_encoding(const std::string& name) {
    constexpr struct {
        std::string_view claimed;
        const char* real;
    } supersets[] = {
        {"SHIFT_JIS", "CP932"}, {"SHIFT-JIS", "CP932"},     {"SJIS", "CP932"},        {"EUC-KR", "CP949"},  {"UHC", "CP949"},
        {"GB2312", "GB18030"},  {"GBK", "GB18030"},         {"BIG5", "BIG5-HKSCS"},   {"TIS-620", "CP874"}, {"ISO-8859-1", "CP1252"},
        {"LATIN1", "CP1252"},   {"WINDOWS-1252", "CP1252"}, {"ISO-8859-9", "CP1254"},
    };
    std::string capitals = name;
    for (char& c : capitals)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    for (const auto& [claimed, real] : supersets)
        if (capitals == claimed) return real;
    return name;
}

}  // namespace

struct TextDecoder::Conversion {
    iconv_t descriptor = nullptr;
    std::size_t unit = 1;
    std::string waiting;

    Conversion() = default;
    Conversion(const Conversion&) = delete;
    Conversion& operator=(const Conversion&) = delete;
    ~Conversion() {
        if (descriptor) iconv_close(descriptor);
    }
};

TextDecoder::TextDecoder(std::unique_ptr<Conversion> conversion) : m_conversion(std::move(conversion)) {}
TextDecoder::TextDecoder(TextDecoder&&) noexcept = default;
TextDecoder& TextDecoder::operator=(TextDecoder&&) noexcept = default;
TextDecoder::~TextDecoder() = default;

Result<TextDecoder> TextDecoder::create(const std::string& encoding) {
    constexpr std::size_t longest_name = 64;
    const auto unknown = [&] {
        return failure(Error::unsupported("The encoding \"" + encoding.substr(0, longest_name) + "\" cannot be read here.")
                           .with_hint("Choose another, e.g. UTF-8 or windows-1252; `iconv -l` lists what this system converts "
                                      "(Debian 13 keeps most of them in libc-gconv-modules-extra)."));
    };
    // Slashes and commas would be read as iconv's own options.
    if (encoding.empty() || encoding.size() > longest_name || encoding.find_first_of("/,") != std::string::npos) return unknown();
    const std::string from = real_encoding(encoding);
    iconv_t descriptor = iconv_open("UTF-8", from.c_str());
    // iconv's own failure value is -1 as a pointer.
    if (reinterpret_cast<std::intptr_t>(descriptor) == -1) return unknown();
    auto conversion = std::make_unique<Conversion>();
    conversion->descriptor = descriptor;
    conversion->unit = code_unit_size(encoding);
    return TextDecoder(std::move(conversion));
}

void TextDecoder::reset() {
    iconv(m_conversion->descriptor, nullptr, nullptr, nullptr, nullptr);
    m_conversion->waiting.clear();
}

Status TextDecoder::decode(std::string_view bytes, bool last, std::string& text) {
    std::string& waiting = m_conversion->waiting;
    waiting.append(bytes);
    char* in = waiting.data();
    std::size_t in_left = waiting.size();
    std::array<char, 16384> out{};
    while (in_left > 0) {
        char* out_place = out.data();
        std::size_t out_left = out.size();
        const std::size_t outcome = iconv(m_conversion->descriptor, &in, &in_left, &out_place, &out_left);
        const int why = errno;
        text.append(out.data(), out.size() - out_left);
        if (outcome != static_cast<std::size_t>(-1) || why == E2BIG) continue;
        if (why == EINVAL && !last) break;
        if (why != EILSEQ && why != EINVAL) return failure(Error::internal("Decoding text failed in the C library."));
        text += undecodable_mark;
        const std::size_t skipped = std::min(in_left, m_conversion->unit);
        in += skipped;
        in_left -= skipped;
    }
    waiting.erase(0, waiting.size() - in_left);
    if (last && !waiting.empty()) return failure(Error::internal("Decoding text left bytes over."));
    return {};
}

}  // namespace lossmith
