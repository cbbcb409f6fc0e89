// What is known of each field of a run's config: its range, default and meaning. Validation, window and help all read it here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"

namespace lossmith {

struct FieldKnowledge {
    std::string name;               ///< its key in JSON
    std::string label;              ///< as a form shows it: "Learning rate"
    std::string meaning;            ///< a sentence for a tooltip
    std::optional<double> minimum;  ///< absent: not a number
    std::optional<double> maximum;
    bool minimum_excluded = false;     ///< the value must be above `minimum`
    bool maximum_excluded = false;     ///< the value must be below `maximum`
    std::vector<std::string> choices;  ///< when not empty, the value is one of these
    Json default_value;                ///< null: absent by default
};

/// Every field of RunConfig in the order of the form; `loss`, `reward`, `template`, `lora` and `sampling` without their insides.
[[nodiscard]] const std::vector<FieldKnowledge>& run_fields();

/// Every field of SamplingConfig.
[[nodiscard]] const std::vector<FieldKnowledge>& sampling_fields();

/// Every field of RewardSpec but its source and parameters.
[[nodiscard]] const std::vector<FieldKnowledge>& reward_fields();

/// Every field of LoraSpec.
[[nodiscard]] const std::vector<FieldKnowledge>& lora_fields();

/// By name, dotted for the insides of sampling, reward and lora ("sampling.top_p"); null when there is no such field.
[[nodiscard]] const FieldKnowledge* find_field(std::string_view name);

/// "from 0 to 1", "above 0 and at most 100", "linear, cosine or constant"; empty when anything goes.
[[nodiscard]] std::string range_in_words(const FieldKnowledge& field);

/// One error for each value of `values` outside its field's range or choices. `prefix` is put before the names.
[[nodiscard]] std::vector<Error> range_errors(const Json& values, const std::vector<FieldKnowledge>& fields, const std::string& prefix);

/// A ready set of choices for the Train form.
struct Preset {
    std::string name;
    std::string meaning;  ///< a sentence: what it is good for
    RunConfig config;     ///< its model and name are RunConfig's defaults; a form keeps what the user chose there
};

/// "quick look", "careful", "as in the forum thread".
[[nodiscard]] std::vector<Preset> run_presets();

}  // namespace lossmith
