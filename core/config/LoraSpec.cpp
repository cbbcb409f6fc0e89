#include "core/config/LoraSpec.h"

#include <algorithm>

#include "core/config/ReadValue.h"
#include "core/config/RunFields.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr JsonField<LoraSpec> lora_json_fields[] = {
    json_field<&LoraSpec::r>("r"),
    json_field<&LoraSpec::lora_alpha>("lora_alpha"),
    json_field<&LoraSpec::lora_dropout>("lora_dropout"),
    json_field<&LoraSpec::target_modules>("target_modules"),
};

}  // namespace

const std::vector<std::string>& lora_modules() {
    static const std::vector<std::string> modules = {"c_attn", "c_proj", "c_fc"};
    return modules;
}

std::vector<Error> LoraSpec::validate() const {
    std::vector<Error> errors = range_errors(Json(*this), lora_fields(), "");
    const auto wrong = [&](std::string message) { errors.push_back(Error::bad_input(std::move(message))); };
    if (target_modules.empty()) wrong("`target_modules` is empty, so nothing would be trained; name at least one, e.g. \"c_attn\".");
    for (auto module = target_modules.begin(); module != target_modules.end(); ++module) {
        if (std::find(lora_modules().begin(), lora_modules().end(), *module) == lora_modules().end())
            wrong("`target_modules` names \"" + *module + "\", but must be of c_attn, c_proj and c_fc.");
        if (std::find(target_modules.begin(), module, *module) != module) wrong("`target_modules` names \"" + *module + "\" twice.");
    }
    return errors;
}

void to_json(Json& json, const LoraSpec& spec) {
    write_fields(json, lora_json_fields, spec);
}

Status read_value(const Json& json, const std::string& path, LoraSpec& target) {
    return read_fields(json, path, lora_json_fields, target);
}

}  // namespace lossmith
