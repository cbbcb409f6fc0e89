// Replacing stretches of a source text that SourceRange names.
#pragma once

#include <string>
#include <string_view>

#include "core/engine/loss/language/Program.h"

namespace lossmith::engine {

[[nodiscard]] std::string text_at(const std::string& source, const SourceRange& where);
[[nodiscard]] std::string with_text_at(const std::string& source, const SourceRange& where, std::string_view replacement);
/// One line, without its end; empty beyond the last.
[[nodiscard]] std::string line_of(const std::string& source, int line);

}  // namespace lossmith::engine
