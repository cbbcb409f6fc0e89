// Bytes of any encoding to UTF-8, piece by piece.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/Result.h"

namespace lossmith {

/// Stands in the decoded text for bytes that do not decode. It never occurs in UTF-8, so whoever checks the text finds it.
inline constexpr char undecodable_mark = '\xFF';

class TextDecoder {
public:
    /// Unsupported when the C library has no such conversion. Legacy names stand for the supersets that files really use
    /// (SHIFT_JIS for CP932 and so on, as browsers do).
    [[nodiscard]] static Result<TextDecoder> create(const std::string& encoding);

    TextDecoder(TextDecoder&&) noexcept;
    TextDecoder& operator=(TextDecoder&&) noexcept;
    ~TextDecoder();

    /// Appends what `bytes` decode to. A character cut at the end waits for the next call, or is undecodable when `last`.
    [[nodiscard]] Status decode(std::string_view bytes, bool last, std::string& text);

    /// Forgets everything, as if nothing had been decoded.
    void reset();

private:
    struct Conversion;
    explicit TextDecoder(std::unique_ptr<Conversion> conversion);
    std::unique_ptr<Conversion> m_conversion;
};

}  // namespace lossmith
