// Which loss a run minimises, as data.
#pragma once

#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

struct LossSpec {
    std::string name = "cross_entropy";  ///< an entry of the loss catalogue
    Json parameters = Json::object();    ///< that entry's fields, e.g. {"label_smoothing": 0.1}

    bool operator==(const LossSpec&) const = default;
};

void to_json(Json& json, const LossSpec& spec);

/// Accepts an object or just the name as a string.
[[nodiscard]] Result<LossSpec> loss_spec_from_json(const Json& json);

}  // namespace lossmith
