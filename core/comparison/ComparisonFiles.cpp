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

Result<ComparedText> text_from_json(const Json& json) {
    if (!json.is_object()) return failure(wrong("each entry of \"texts\" must hold a text and its scores."));
    ComparedText text;
    text.text = LOSSMITH_TRY(text_field(json, "text", true));
    if (const auto scores = json.find("scores"); scores != json.end()) text.scores = LOSSMITH_TRY(scores_from_json(*scores));
    return text;
}

Result<ComparisonRow> row_from_json(const Json& json, std::size_t models) {
    if (!json.is_object()) return failure(wrong("each prompt must be an object."));
    ComparisonRow row;
    row.problem = LOSSMITH_TRY(text_field(json, "problem"));
    row.prompt = LOSSMITH_TRY(text_field(json, "prompt", true));
    row.solution = LOSSMITH_TRY(text_field(json, "solution"));
    const auto texts = json.find("texts");
    if (texts == json.end() || !texts->is_array() || texts->size() != models)
        return failure(wrong("each prompt must have a text of each model."));
    for (const Json& text : *texts) row.texts.push_back(LOSSMITH_TRY(text_from_json(text)));
    return row;
}

Result<ScoreSummary> summary_from_json(const Json& json) {
    if (!json.is_object()) return failure(wrong("each score of \"summary\" must be an object."));
    ScoreSummary summary;
    summary.rows = static_cast<std::int64_t>(LOSSMITH_TRY(number_field(json, "rows")));
    summary.base = LOSSMITH_TRY(interval_field(json, "base"));
    summary.tuned = LOSSMITH_TRY(interval_field(json, "tuned"));
    summary.gain = LOSSMITH_TRY(interval_field(json, "gain"));
    summary.p = LOSSMITH_TRY(number_field(json, "p"));
    return summary;
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
    json = {{"models", Json::array()},
            {"note", valid_utf8(comparison.note)},
            {"sampling", comparison.sampling},
            {"prompts", Json::array()},
            {"summary", Json::array()}};
    for (const std::string& model : comparison.models) json["models"].push_back(valid_utf8(model));
    for (const ComparisonRow& row : comparison.rows) {
        Json texts = Json::array();
        for (const ComparedText& text : row.texts) texts.push_back(json_of(text));
        json["prompts"].push_back({{"problem", valid_utf8(row.problem)},
                                   {"prompt", valid_utf8(row.prompt)},
                                   {"solution", valid_utf8(row.solution)},
                                   {"texts", std::move(texts)}});
    }
    for (std::size_t i = 0; i < comparison.summaries.size(); ++i) {
        Json scores = Json::object();
        for (const auto& [name, summary] : comparison.summaries[i])
            scores[name] = {{"rows", summary.rows},
                            {"base", json_of(summary.base)},
                            {"tuned", json_of(summary.tuned)},
                            {"gain", json_of(summary.gain)},
                            {"p", summary.p}};
        json["summary"].push_back({{"model", valid_utf8(comparison.models.at(i + 1))}, {"scores", std::move(scores)}});
    }
}

Result<Comparison> comparison_from_json(const Json& json) {
    if (!json.is_object()) return failure(wrong("it must be an object."));
    Comparison comparison;
    const auto models = json.find("models");
    if (models == json.end() || !models->is_array()) return failure(wrong("\"models\" must be a list."));
    for (const Json& model : *models) {
        if (!model.is_string()) return failure(wrong("\"models\" must be a list of names."));
        comparison.models.push_back(model.get<std::string>());
    }
    comparison.note = LOSSMITH_TRY(text_field(json, "note"));
    if (const auto sampling = json.find("sampling"); sampling != json.end()) comparison.sampling = *sampling;
    const auto prompts = json.find("prompts");
    if (prompts == json.end() || !prompts->is_array()) return failure(wrong("\"prompts\" must be a list."));
    for (const Json& prompt : *prompts) comparison.rows.push_back(LOSSMITH_TRY(row_from_json(prompt, comparison.models.size())));
    const auto summaries = json.find("summary");
    if (summaries == json.end() || !summaries->is_array()) return failure(wrong("\"summary\" must be a list."));
    if (!summaries->empty() && summaries->size() + 1 != comparison.models.size())
        return failure(wrong("\"summary\" must have an entry for each model after the base."));
    for (const Json& entry : *summaries) {
        const auto scores = entry.is_object() ? entry.find("scores") : entry.end();
        if (!entry.is_object() || scores == entry.end() || !scores->is_object())
            return failure(wrong("each entry of \"summary\" must hold scores."));
        ScoreSummaries& of_model = comparison.summaries.emplace_back();
        for (const auto& [name, summary] : scores->items()) of_model[name] = LOSSMITH_TRY(summary_from_json(summary));
    }
    return comparison;
}

std::string comparison_csv(const Comparison& comparison) {
    const auto name_of = [&](std::size_t model) {
        if (model == 0) return std::string("base");
        return comparison.models.size() <= 2 ? std::string("tuned") : "tuned_" + std::to_string(model);
    };
    std::string csv = "problem,prompt,solution";
    for (std::size_t model = 0; model < comparison.models.size(); ++model) csv += "," + name_of(model);
    for (std::size_t model = 0; model < comparison.models.size(); ++model)
        for (const ScoreKind& kind : score_kinds()) csv.append(1, ',').append(name_of(model)).append(1, '_').append(kind.name);
    csv += "\r\n";
    for (const ComparisonRow& row : comparison.rows) {
        csv += csv_cell(row.problem);
        for (const std::string* cell : {&row.prompt, &row.solution}) csv.append(1, ',').append(csv_cell(*cell));
        for (const ComparedText& text : row.texts) csv.append(1, ',').append(csv_cell(text.text));
        for (const ComparedText& text : row.texts)
            for (const ScoreKind& kind : score_kinds()) csv.append(1, ',').append(csv_number(text.scores.*kind.value));
        csv += "\r\n";
    }
    return csv;
}

}  // namespace lossmith
