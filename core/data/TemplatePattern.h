// A template's text taken apart into literal text and the place where the row's cell goes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace lossmith {

/// Literal text (braces already single), or a placeholder's name.
struct PatternPart {
    bool is_placeholder = false;
    std::string text;
};

/// `{{` and `}}` are literal braces. A brace that opens or closes nothing stays as it stands, and is told in `stray` when given.
[[nodiscard]] std::vector<PatternPart> pattern_parts(std::string_view pattern, bool* stray = nullptr);

/// Everything wrong with a pattern in which `{placeholder}` must occur once and nothing else may; `field` names it.
[[nodiscard]] std::vector<Error> pattern_errors(const std::string& field, std::string_view pattern, std::string_view placeholder);

}  // namespace lossmith
