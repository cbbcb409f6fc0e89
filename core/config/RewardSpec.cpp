#include "core/config/RewardSpec.h"

#include "core/config/ReadValue.h"
#include "core/config/RunFields.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr JsonField<RewardSpec> reward_json_fields[] = {
    json_field<&RewardSpec::name>("name"),
    json_field<&RewardSpec::parameters>("parameters"),
    json_field<&RewardSpec::source>("source"),
    json_field<&RewardSpec::method>("method"),
    json_field<&RewardSpec::num_generations>("num_generations"),
    json_field<&RewardSpec::max_completion_length>("max_completion_length"),
    json_field<&RewardSpec::temperature>("temperature"),
    json_field<&RewardSpec::beta>("beta"),
    json_field<&RewardSpec::epsilon>("epsilon"),
    json_field<&RewardSpec::num_iterations>("num_iterations"),
    json_field<&RewardSpec::loss_weight>("loss_weight"),
    json_field<&RewardSpec::risk_alpha>("risk_alpha"),
    json_field<&RewardSpec::eval_prompts>("eval_prompts"),
};

}  // namespace

bool RewardSpec::compares_completions() const {
    return method == "rloo" || method == "grpo" || method == "minimum_risk";
}

std::vector<Error> RewardSpec::validate() const {
    std::vector<Error> errors = range_errors(Json(*this), reward_fields(), "");
    const auto wrong = [&](std::string message) { errors.push_back(Error::bad_input(std::move(message))); };
    if (name.empty()) wrong("`name` is empty; name a reward, e.g. \"exact_match\".");
    if (compares_completions() && num_generations == 1)
        wrong("`num_generations` is 1, but " + method + " compares the completions of a prompt with one another and needs at least 2.");
    append_source_errors(errors, source, "a reward");
    for (const auto& [field, value] : parameters.items())
        if (!value.is_number() && !value.is_boolean() && !value.is_string())
            wrong("`parameters." + field + "` must be a number, true, false or text.");
    return errors;
}

bool is_reward_text(std::string_view source) {
    const auto defines = [source](std::string_view name) {
        const std::string wanted = "def " + std::string(name);
        for (std::size_t at = source.find(wanted); at != std::string_view::npos; at = source.find(wanted, at + 1)) {
            const std::size_t after = source.find_first_not_of(" \t", at + wanted.size());
            if ((at == 0 || source[at - 1] == '\n') && after != std::string_view::npos && source[after] == '(') return true;
        }
        return false;
    };
    return defines("reward") && !defines("loss");
}

LossSpec as_loss(const RewardSpec& spec) {
    return {spec.name, spec.parameters, spec.source, "aligned"};
}

void to_json(Json& json, const RewardSpec& spec) {
    write_fields(json, reward_json_fields, spec);
}

Status read_value(const Json& json, const std::string& path, RewardSpec& target) {
    if (json.is_string()) {
        target = RewardSpec{};
        target.name = json.get<std::string>();
        return {};
    }
    return read_fields(json, path, reward_json_fields, target);
}

}  // namespace lossmith
