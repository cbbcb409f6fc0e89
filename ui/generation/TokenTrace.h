// What the engine tells of each generated token, read from its JSON.
#pragma once

#include <QString>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Json.h"

namespace lossmith::ui {

struct TokenAlternative {
    std::int64_t id = 0;
    std::string text;
    double probability = 0.0;
    bool operator==(const TokenAlternative&) const = default;
};

struct TracedToken {
    std::int64_t id = 0;
    std::string text;  ///< empty: a special token, or the middle of a character
    double probability = 0.0;
    std::vector<TokenAlternative> top;  ///< most probable first
    bool forced = false;                ///< put there by the user
    bool operator==(const TracedToken&) const = default;
};

using TokenTrace = std::vector<TracedToken>;

/// One `$/progress` value of `generate`; what is missing or of the wrong type is left at its default.
[[nodiscard]] TracedToken token_from_progress(const Json& value);

/// For the project file, and back. What is malformed is left out.
[[nodiscard]] Json trace_to_json(const TokenTrace& trace);
[[nodiscard]] TokenTrace trace_from_json(const Json& json);

[[nodiscard]] std::string text_of(const TokenTrace& trace);

/// The token that holds the byte `offset` of text_of(trace); trace.size() beyond the end.
[[nodiscard]] std::size_t token_at(const TokenTrace& trace, std::size_t offset);

/// A token as a list shows it: spaces as ·, line ends as ⏎, tabs as ⇥; an empty one as ∅.
[[nodiscard]] QString shown_token(const std::string& text);

}  // namespace lossmith::ui
