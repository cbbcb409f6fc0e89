#include "ui/logits/PlaceDistribution.h"

#include <algorithm>

namespace lossmith::ui {

namespace {

std::vector<PlacedToken> placed_from(const Json& list) {
    std::vector<PlacedToken> all;
    for (const Json& each : list) {
        if (!each.is_object()) continue;
        all.push_back({whole_number_in(each, "id"), string_or_empty(each, "text"), number_or_zero(each, "logit"),
                       number_or_zero(each, "probability"), number_or_zero(each, "log_probability"), whole_number_in(each, "rank"),
                       number_or_zero(each, "after")});
    }
    return all;
}

std::optional<PlacedToken> copy_of(const std::optional<PlaceDistribution>& place, std::int64_t id) {
    const PlacedToken* token = place ? place->find(id) : nullptr;
    return token ? std::optional(*token) : std::nullopt;
}

}  // namespace

const PlacedToken* PlaceDistribution::find(std::int64_t id) const {
    for (const auto* list : {&top, &found, &also})
        for (const PlacedToken& token : *list)
            if (token.id == id) return &token;
    return nullptr;
}

std::vector<std::int64_t> PlaceDistribution::ids() const {
    std::vector<std::int64_t> all;
    for (const auto* list : {&top, &found, &also})
        for (const PlacedToken& token : *list)
            if (std::ranges::find(all, token.id) == all.end()) all.push_back(token.id);
    return all;
}

Result<PlaceDistribution> place_distribution_from_json(const Json& answer) {
    if (!answer.is_object() || !answer.contains("top")) return failure(unreadable_answer());
    PlaceDistribution place;
    place.top = placed_from(list_in(answer, "top"));
    place.found = placed_from(list_in(answer, "found"));
    place.also = placed_from(list_in(answer, "also"));
    for (const Json& each : list_in(answer, "filters"))
        place.filters.push_back({string_or_empty(each, "name"), whole_number_in(each, "kept"), number_or_zero(each, "mass")});
    place.entropy = number_or_zero(answer, "entropy");
    const Json logits = answer.value("logits", Json::object());
    place.least_logit = number_or_zero(logits, "min");
    place.largest_logit = number_or_zero(logits, "max");
    place.mean_logit = number_or_zero(logits, "mean");
    place.log_sum_exp = number_or_zero(logits, "log_sum_exp");
    return place;
}

std::vector<PlaceRow> PlaceOfTwo::rows(std::optional<std::int64_t> id_here, bool only_found) const {
    std::vector<std::int64_t> ids;
    const auto add = [&ids](std::int64_t id) {
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    };
    if (!only_found && id_here) add(*id_here);
    for (const ModelSide side : {ModelSide::Tuned, ModelSide::Base})
        if (const auto& place = of(side))
            for (const PlacedToken& token : only_found ? place->found : place->top) add(token.id);
    std::vector<PlaceRow> all;
    for (const std::int64_t id : ids) {
        PlaceRow row{id, {}, copy_of(base, id), copy_of(tuned, id), id_here == id};
        if (!row.base && !row.tuned) continue;
        row.text = row.tuned ? row.tuned->text : row.base->text;
        all.push_back(std::move(row));
    }
    const auto probability = [this](const PlaceRow& row) {
        const auto& told = row.of(tuned ? ModelSide::Tuned : ModelSide::Base);
        return told ? told->probability : 0.0;
    };
    if (!only_found) std::ranges::stable_sort(all, std::greater(), probability);
    return all;
}

}  // namespace lossmith::ui
