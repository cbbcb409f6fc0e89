// Generated ids as text while they come: whole characters only, and never a piece of a stop string.
#pragma once

#include <string>
#include <vector>

#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

class TextStream {
public:
    TextStream(const Tokenizer& tokenizer, std::vector<std::string> stop_strings);

    /// The text that became certain with this token; may be empty.
    [[nodiscard]] std::string push(TokenId id);

    /// Whether a stop string has come; what follows it, and itself, is cut off.
    [[nodiscard]] bool stopped() const { return m_stopped; }

    /// What was held back, at the end.
    [[nodiscard]] std::string finish();

    /// All text so far, held back or told.
    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    [[nodiscard]] std::size_t certain() const;

    const Tokenizer& m_tokenizer;
    std::vector<std::string> m_stop_strings;
    std::size_t m_longest_stop = 0;
    std::string m_text;
    std::size_t m_told = 0;
    bool m_stopped = false;
};

}  // namespace lossmith::engine
