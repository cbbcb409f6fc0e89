// What the cards of the page look at together: a text as it was inspected, and the models it was inspected under.
#pragma once

#include <memory>
#include <string>

#include "ui/logits/InspectedText.h"

namespace lossmith::ui {

struct Inspection {
    std::string project;      ///< path of the project file
    std::string base, tuned;  ///< as the engine takes them; `base` is empty where only the one model is looked at
    InspectedText text;

    [[nodiscard]] bool of_two() const { return !base.empty(); }
    [[nodiscard]] const std::string& model(ModelSide side) const { return side == ModelSide::Base ? base : tuned; }
    /// `{model, project, ids}`: what every question about one model begins with.
    [[nodiscard]] Json params(ModelSide side) const { return {{"model", model(side)}, {"project", project}, {"ids", text.ids()}}; }
    /// How many places have a prediction: each token but the first, and the one after the last.
    [[nodiscard]] int places() const { return static_cast<int>(text.tokens.size()); }
};

using InspectionPointer = std::shared_ptr<const Inspection>;

}  // namespace lossmith::ui
