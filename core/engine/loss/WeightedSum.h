// Losses put together: one typed source that adds several of them up, each with a weight that may change over the run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::engine {

struct SumTerm {
    std::string name;                   ///< what its part is called: "kl_to_base"
    std::string source = {};            ///< empty: the catalogue's entry `name`
    double weight = 1.0;                ///< at the run's start
    double weight_end = 1.0;            ///< at its end
    std::string schedule = "constant";  ///< from one to the other: "constant", "linear", "cosine", "step" (at half of the run)
    Json parameters = Json::object();   ///< its fields, where they are not the defaults
};

/// {name, source?, weight, weight_end?, schedule?, parameters?}; with a `weight_end` and no schedule it is linear.
[[nodiscard]] Result<SumTerm> sum_term_from_json(const Json& json);

/// "kl_to_base", "kl_to_base=0.1", "kl_to_base=0.1..0.5" (linear) or "kl_to_base=0.1..0.5:cosine".
[[nodiscard]] Result<SumTerm> sum_term_from_text(std::string_view text);

/// A typed loss that returns a dictionary with a part for each term. Each term's own functions stand in it under the term's name; its
/// fields become fields of the sum, called TERM_FIELD, and its weight the field TERM_weight or TERM_start and TERM_end. In a sum a term
/// brings itself alone: its own `cross_entropy` is 0 and its own `weight` 1 where `parameters` do not say otherwise.
/// BadInput for no terms, for a term that cannot be read or is a reward, for an unknown schedule, and for names that cannot be told apart.
[[nodiscard]] Result<std::string> weighted_sum_source(const std::vector<SumTerm>& terms);

}  // namespace lossmith::engine
