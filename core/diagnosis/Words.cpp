#include "core/diagnosis/Words.h"

#include <cmath>
#include <cstdio>

namespace lossmith::diagnosis_words {
namespace {

std::string with_places(double value, int places) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", places, value);
    return text;
}

}  // namespace

std::string percent(double share) {
    const double percents = 100.0 * share;
    const bool whole = std::abs(percents) >= 9.95 || std::abs(percents - std::round(percents)) <= 0.05;
    return with_places(percents, whole ? 0 : 1) + " %";
}

std::string nats(double value) {
    return with_places(value, std::abs(value) < 0.0995 ? 3 : 2);
}

std::string rate(double value) {
    char text[48];
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
}

std::string counted(std::int64_t count, const char* singular, const char* plural) {
    std::string digits = std::to_string(count);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits + " " + (count == 1 ? singular : plural);
}

double share(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace lossmith::diagnosis_words
