#include "ui/generation/TokenTrace.h"

#include <cmath>

namespace lossmith::ui {

namespace {

std::int64_t whole_in(const Json& json, const char* name) {
    const auto value = json.find(name);
    return value != json.end() && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

bool is_token(const Json& list) {
    return list[0].is_number_integer() && list[1].is_string() && list[2].is_number();
}

double rounded(double probability) {
    constexpr double parts = 1e6;
    return std::round(probability * parts) / parts;
}

}  // namespace

TracedToken token_from_progress(const Json& value) {
    TracedToken token;
    if (!value.is_object()) return token;
    token.id = whole_in(value, "id");
    token.text = string_or_empty(value, "text");
    token.probability = number_or_zero(value, "probability");
    if (const auto top = value.find("top"); top != value.end() && top->is_array())
        for (const Json& each : *top)
            if (each.is_object())
                token.top.push_back({whole_in(each, "id"), string_or_empty(each, "text"), number_or_zero(each, "probability")});
    return token;
}

// Lists in place of objects: a comparison keeps thousands of tokens in the project file.
Json trace_to_json(const TokenTrace& trace) {
    Json json = Json::array();
    for (const TracedToken& token : trace) {
        Json top = Json::array();
        for (const TokenAlternative& each : token.top) top.push_back({each.id, each.text, rounded(each.probability)});
        json.push_back({token.id, token.text, rounded(token.probability), std::move(top), token.forced});
    }
    return json;
}

TokenTrace trace_from_json(const Json& json) {
    TokenTrace trace;
    if (!json.is_array()) return trace;
    for (const Json& each : json) {
        if (!each.is_array() || each.size() != 5 || !is_token(each) || !each[3].is_array() || !each[4].is_boolean()) continue;
        TracedToken token{each[0].get<std::int64_t>(), each[1].get<std::string>(), each[2].get<double>(), {}, each[4].get<bool>()};
        for (const Json& other : each[3])
            if (other.is_array() && other.size() == 3 && is_token(other))
                token.top.push_back({other[0].get<std::int64_t>(), other[1].get<std::string>(), other[2].get<double>()});
        trace.push_back(std::move(token));
    }
    return trace;
}

std::string text_of(const TokenTrace& trace) {
    std::string text;
    for (const TracedToken& token : trace) text += token.text;
    return text;
}

std::size_t token_at(const TokenTrace& trace, std::size_t offset) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        end += trace[i].text.size();
        if (offset < end) return i;
    }
    return trace.size();
}

QString shown_token(const std::string& text) {
    if (text.empty()) return QStringLiteral("∅");
    QString shown = QString::fromStdString(text);
    shown.replace(QLatin1Char(' '), QStringLiteral("·"));
    shown.replace(QStringLiteral("\r\n"), QStringLiteral("⏎"));
    shown.replace(QLatin1Char('\n'), QStringLiteral("⏎"));
    shown.replace(QLatin1Char('\t'), QStringLiteral("⇥"));
    return shown;
}

}  // namespace lossmith::ui
