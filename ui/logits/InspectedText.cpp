#include "ui/logits/InspectedText.h"

#include <cmath>

namespace lossmith::ui {

namespace {

std::optional<Prediction> prediction_from(const Json& json) {
    const auto probability = number_in(json, "probability");
    if (!probability) return {};
    Prediction told;
    told.probability = *probability;
    told.log_probability = number_in(json, "log_probability").value_or(std::log(std::max(*probability, 1e-300)));
    told.logit = number_or_zero(json, "logit");
    told.rank = whole_number_in(json, "rank");
    told.entropy = number_or_zero(json, "entropy");
    told.loss = number_in(json, "loss").value_or(-told.log_probability);
    for (const Json& each : list_in(json, "top"))
        told.top.push_back({whole_number_in(each, "id"), string_or_empty(each, "text"), number_or_zero(each, "probability")});
    return told;
}

InspectedToken token_from(const Json& json) {
    InspectedToken token;
    token.id = whole_number_in(json, "id");
    token.text = string_or_empty(json, "text");
    if (const auto labelled = json.find("labelled"); labelled != json.end() && labelled->is_boolean())
        token.labelled = labelled->get<bool>();
    return token;
}

}  // namespace

std::optional<double> number_in(const Json& json, const char* name) {
    if (!json.is_object()) return {};
    const auto found = json.find(name);
    return found != json.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

std::int64_t whole_number_in(const Json& json, const char* name) {
    if (!json.is_object()) return 0;
    const auto found = json.find(name);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

const Json& list_in(const Json& json, const char* name) {
    static const Json none = Json::array();
    if (!json.is_object()) return none;
    const auto found = json.find(name);
    return found != json.end() && found->is_array() ? *found : none;
}

Error unreadable_answer() {
    return Error::internal("The engine's answer could not be read.");
}

std::vector<std::int64_t> InspectedText::ids() const {
    std::vector<std::int64_t> all;
    for (const InspectedToken& token : tokens) all.push_back(token.id);
    return all;
}

std::string InspectedText::text() const {
    std::string all;
    for (const InspectedToken& token : tokens) all += token.text;
    return all;
}

const std::optional<Prediction>& prediction(const InspectedToken& token, ModelSide side) {
    return side == ModelSide::Base ? token.base : token.tuned;
}

std::optional<double> perplexity(const InspectedText& text, ModelSide side) {
    double all = 0, labelled = 0;
    std::int64_t all_count = 0, labelled_count = 0;
    for (const InspectedToken& token : text.tokens) {
        const auto& told = prediction(token, side);
        if (!told) continue;
        all += told->loss;
        ++all_count;
        if (!token.labelled.value_or(false)) continue;
        labelled += told->loss;
        ++labelled_count;
    }
    if (labelled_count > 0) return std::exp(labelled / static_cast<double>(labelled_count));
    if (all_count > 0) return std::exp(all / static_cast<double>(all_count));
    return {};
}

Result<InspectedText> inspected_text_from_json(const Json& answer) {
    if (!answer.is_object() || !answer.contains("tokens")) return failure(unreadable_answer());
    InspectedText text;
    text.truncated_tokens = whole_number_in(answer, "truncated_tokens");
    for (const Json& each : list_in(answer, "tokens")) {
        if (!each.is_object()) return failure(unreadable_answer());
        InspectedToken token = token_from(each);
        if (const auto base = each.find("base"); base != each.end()) {
            text.of_two = true;
            token.base = prediction_from(*base);
            token.tuned = prediction_from(each.value("tuned", Json()));
            token.divergence = number_in(each, "kl");
        } else {
            token.tuned = prediction_from(each);
        }
        text.tokens.push_back(std::move(token));
    }
    return text;
}

InspectedText inspected_text_from_sample(const Json& tokens) {
    InspectedText text;
    if (!tokens.is_array()) return text;
    for (const Json& each : tokens) {
        if (!each.is_object()) continue;
        InspectedToken token = token_from(each);
        token.tuned = prediction_from(each);
        text.tokens.push_back(std::move(token));
    }
    return text;
}

}  // namespace lossmith::ui
