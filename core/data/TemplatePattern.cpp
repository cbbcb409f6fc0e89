#include "core/data/TemplatePattern.h"

namespace lossmith {

std::vector<PatternPart> pattern_parts(std::string_view pattern, bool* stray) {
    std::vector<PatternPart> parts;
    std::string literal;
    const auto finish_literal = [&] {
        if (!literal.empty()) parts.push_back({false, std::move(literal)});
        literal.clear();
    };
    if (stray) *stray = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c != '{' && c != '}') {
            literal += c;
            continue;
        }
        if (i + 1 < pattern.size() && pattern[i + 1] == c) {
            literal += c;
            ++i;
            continue;
        }
        const auto end = c == '{' ? pattern.find_first_of("{}", i + 1) : std::string_view::npos;
        if (end == std::string_view::npos || pattern[end] != '}') {
            if (stray) *stray = true;
            literal += c;
            continue;
        }
        finish_literal();
        parts.push_back({true, std::string(pattern.substr(i + 1, end - i - 1))});
        i = end;
    }
    finish_literal();
    return parts;
}

std::vector<Error> pattern_errors(const std::string& field, std::string_view pattern, std::string_view placeholder) {
    std::vector<Error> errors;
    bool stray = false;
    int occurrences = 0;
    std::string wanted(1, '{');
    wanted.append(placeholder).append(1, '}');
    for (const auto& part : pattern_parts(pattern, &stray)) {
        if (!part.is_placeholder) continue;
        if (part.text == placeholder) {
            ++occurrences;
        } else {
            errors.push_back(
                Error::bad_input("`" + field + "` has the placeholder {" + part.text + "}, but only " + wanted + " may stand there.")
                    .with_hint("Write {{ and }} for literal braces."));
        }
    }
    if (stray)
        errors.push_back(
            Error::bad_input("`" + field + "` has a brace that is not paired.").with_hint("Write {{ and }} for literal braces."));
    if (occurrences != 1)
        errors.push_back(Error::bad_input("`" + field + "` must have " + wanted + " exactly once, but has it " +
                                          (occurrences == 0 ? std::string("nowhere") : std::to_string(occurrences) + " times") + "."));
    return errors;
}

}  // namespace lossmith
