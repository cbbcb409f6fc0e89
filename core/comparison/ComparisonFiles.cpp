// A comparison as JSON, there and back, and as CSV.
#include <array>
#include <charconv>
#include <cmath>

#include "core/comparison/Comparison.h"
#include "core/comparison/Words.h"

namespace lossmith {
namespace {

Json json_of(const Interval& interval) {
    return {{"mean", interval.mean}, {"low", interval.low}, {"high", interval.high}};
}

Json json_of(const ComparedText& side) {
    return {{"text", valid_utf8(side.text)}, {"scores", side.scores}};
}

Error wrong(const std::string& what) {
    return Error::bad_input("This is not a comparison: " + what);
}

Result<std::string> text_field(const Json& json, const char* name, bool required = false) {
    const auto value = json.find(name);
    if (value == json.end() && !required) return std::string();
    if (value == json.end() || !value->is_string()) return failure(wrong(std::string("\"") + name + "\" must be a text."));
    return value->get<std::string>();
}

Result<double> number_field(const Json& json, const char* name) {
    const auto value = json.find(name);
    if (value == json.end() || !value->is_number()) return failure(wrong(std::string("\"") + name + "\" must be a number."));
    return value->get<double>();
}

Result<Interval> interval_field(const Json& json, const char* name) {
    const auto value = json.find(name);
    if (value == json.end() || !value->is_object()) return failure(wrong(std::string("\"") + name + "\" must hold mean, low and high."));
    Interval interval;
    interval.mean = LOSSMITH_TRY(number_field(*value, "mean"));
    interval.low = LOSSMITH_TRY(number_field(*value, "low"));
    interval.high = LOSSMITH_TRY(number_field(*value, "high"));
    return interval;
}

Result<ComparedText> side_field(const Json& json, const char* name) {
    const auto value = json.find(name);
    if (value == json.end() || !value->is_object()) return failure(wrong(std::string("\"") + name + "\" must hold a text and its scores."));
    ComparedText side;
    side.text = LOSSMITH_TRY(text_field(*value, "text", true));
    if (const auto scores = value->find("scores"); scores != value->end()) side.scores = LOSSMITH_TRY(scores_from_json(*scores));
    return side;
}

Result<ComparisonRow> row_from_json(const Json& json) {
    if (!json.is_object()) return failure(wrong("each prompt must be an object."));
    ComparisonRow row;
    row.problem = LOSSMITH_TRY(text_field(json, "problem"));
    row.prompt = LOSSMITH_TRY(text_field(json, "prompt", true));
    row.solution = LOSSMITH_TRY(text_field(json, "solution"));
    row.base = LOSSMITH_TRY(side_field(json, "base"));
    row.tuned = LOSSMITH_TRY(side_field(json, "tuned"));
    return row;
}

std::string csv_cell(const std::string& text) {
    std::string cell = valid_utf8(text);
    // Spreadsheets run cells that begin so; generated text must never be run.
    if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) cell.insert(cell.begin(), '\'');
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string csv_number(const std::optional<double>& number) {
    if (!number || !std::isfinite(*number)) return {};
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *number, std::chars_format::general, 6).ptr};
}

}  // namespace

void to_json(Json& json, const Comparison& comparison) {
    json = {{"base_model", valid_utf8(comparison.base_model)},
            {"tuned_model", valid_utf8(comparison.tuned_model)},
            {"note", valid_utf8(comparison.note)},
            {"sampling", comparison.sampling},
            {"prompts", Json::array()},
            {"summary", Json::object()}};
    for (const ComparisonRow& row : comparison.rows)
        json["prompts"].push_back({{"problem", valid_utf8(row.problem)},
                                   {"prompt", valid_utf8(row.prompt)},
                                   {"solution", valid_utf8(row.solution)},
                                   {"base", json_of(row.base)},
                                   {"tuned", json_of(row.tuned)}});
    for (const auto& [name, summary] : comparison.summary)
        json["summary"][name] = {{"rows", summary.rows},
                                 {"base", json_of(summary.base)},
                                 {"tuned", json_of(summary.tuned)},
                                 {"gain", json_of(summary.gain)},
                                 {"p", summary.p}};
}

Result<Comparison> comparison_from_json(const Json& json) {
    if (!json.is_object()) return failure(wrong("it must be an object."));
    Comparison comparison;
    comparison.base_model = LOSSMITH_TRY(text_field(json, "base_model"));
    comparison.tuned_model = LOSSMITH_TRY(text_field(json, "tuned_model"));
    comparison.note = LOSSMITH_TRY(text_field(json, "note"));
    if (const auto sampling = json.find("sampling"); sampling != json.end()) comparison.sampling = *sampling;
    const auto prompts = json.find("prompts");
    if (prompts == json.end() || !prompts->is_array()) return failure(wrong("\"prompts\" must be a list."));
    for (const Json& prompt : *prompts) comparison.rows.push_back(LOSSMITH_TRY(row_from_json(prompt)));
    const auto summaries = json.find("summary");
    if (summaries == json.end() || !summaries->is_object()) return failure(wrong("\"summary\" must be an object."));
    for (const auto& [name, entry] : summaries->items()) {
        if (!entry.is_object()) return failure(wrong("each entry of \"summary\" must be an object."));
        ScoreSummary summary;
        summary.rows = static_cast<std::int64_t>(LOSSMITH_TRY(number_field(entry, "rows")));
        summary.base = LOSSMITH_TRY(interval_field(entry, "base"));
        summary.tuned = LOSSMITH_TRY(interval_field(entry, "tuned"));
        summary.gain = LOSSMITH_TRY(interval_field(entry, "gain"));
        summary.p = LOSSMITH_TRY(number_field(entry, "p"));
        comparison.summary[name] = summary;
    }
    return comparison;
}

std::string comparison_csv(const Comparison& comparison) {
    std::string csv = "problem,prompt,solution,base,tuned";
    for (const char* side : {"base_", "tuned_"})
        for (const ScoreKind& kind : score_kinds()) csv += std::string(",") + side + kind.name;
    csv += "\r\n";
    for (const ComparisonRow& row : comparison.rows) {
        csv += csv_cell(row.problem);
        for (const std::string* cell : {&row.prompt, &row.solution, &row.base.text, &row.tuned.text})
            csv.append(1, ',').append(csv_cell(*cell));
        for (const ComparedText* side : {&row.base, &row.tuned})
            for (const ScoreKind& kind : score_kinds()) csv.append(1, ',').append(csv_number(side->scores.*kind.value));
        csv += "\r\n";
    }
    return csv;
}

}  // namespace lossmith
