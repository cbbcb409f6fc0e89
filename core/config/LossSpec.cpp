#include "core/config/LossSpec.h"

#include "core/config/ReadValue.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr JsonField<LossSpec> loss_json_fields[] = {
    json_field<&LossSpec::name>("name"),
    {"parameters", [](Json& json, std::string_view name, const LossSpec& from) { json[std::string(name)] = from.parameters; },
     [](const Json& json, const std::string& path, LossSpec& into) -> Status {
         if (!json.is_object()) return failure(wrong_type(path, "an object", json));
         into.parameters = json;
         return {};
     }},
};

}  // namespace

void to_json(Json& json, const LossSpec& spec) {
    write_fields(json, loss_json_fields, spec);
}

Status read_value(const Json& json, const std::string& path, LossSpec& target) {
    if (json.is_string()) {
        target = LossSpec{};
        target.name = json.get<std::string>();
        return {};
    }
    return read_fields(json, path, loss_json_fields, target);
}

Result<LossSpec> loss_spec_from_json(const Json& json) {
    LossSpec spec;
    LOSSMITH_CHECK(read_value(json, "", spec));
    return spec;
}

}  // namespace lossmith
