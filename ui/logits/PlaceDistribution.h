// One place of a text: the distribution that predicts the token there under each model, and what sampling's filters leave of it.
#pragma once

#include <QString>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "ui/logits/InspectedText.h"

namespace lossmith::ui {

struct PlacedToken {
    std::int64_t id = 0;
    std::string text;
    double logit = 0.0;
    double probability = 0.0;
    double log_probability = 0.0;
    std::int64_t rank = 0;
    double after = 0.0;  ///< probability to be drawn after all filters; 0: one of them hides it
};

struct FilterStep {
    std::string name;       ///< of the setting: "top_k"
    std::int64_t kept = 0;  ///< tokens it leaves
    double mass = 0.0;      ///< their probability before any filter
};

struct PlaceDistribution {
    std::vector<PlacedToken> top, found, also;
    std::vector<FilterStep> filters;
    double least_logit = 0.0, largest_logit = 0.0, mean_logit = 0.0, log_sum_exp = 0.0;
    double entropy = 0.0;

    [[nodiscard]] const PlacedToken* find(std::int64_t id) const;
    /// Every token that is told of, each once.
    [[nodiscard]] std::vector<std::int64_t> ids() const;
};

[[nodiscard]] Result<PlaceDistribution> place_distribution_from_json(const Json& answer);

/// A token of the list, under either model where that one was asked.
struct PlaceRow {
    std::int64_t id = 0;
    std::string text;
    std::optional<PlacedToken> base, tuned;
    bool is_here = false;  ///< the one that stands at this place of the text

    [[nodiscard]] const std::optional<PlacedToken>& of(ModelSide side) const { return side == ModelSide::Base ? base : tuned; }
};

struct PlaceOfTwo {
    std::optional<PlaceDistribution> base, tuned;

    [[nodiscard]] const std::optional<PlaceDistribution>& of(ModelSide side) const { return side == ModelSide::Base ? base : tuned; }
    /// What was found where something was looked for, in the engine's order; else the most probable of either and the one that is
    /// here, by the tuned model's probability (the base's where there is no tuned one).
    [[nodiscard]] std::vector<PlaceRow> rows(std::optional<std::int64_t> id_here, bool only_found) const;
};

}  // namespace lossmith::ui
