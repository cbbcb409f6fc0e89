#include "core/config/LossSpec.h"

#include "core/config/ReadValue.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

bool is_label_choice(const std::string& labels) {
    return labels == "aligned" || labels == "unshifted";
}

/// {"file": PATH}: what the engine loads a tensor or a list of tokens from.
bool names_a_file(const Json& value) {
    return value.size() == 1 && !file_of_parameter(value).empty();
}

Error wrong_labels(const std::string& path, const std::string& labels) {
    return Error::bad_input("`" + path + "` is \"" + labels + "\", but must be aligned or unshifted.");
}

constexpr JsonField<LossSpec> loss_json_fields[] = {
    json_field<&LossSpec::name>("name"),
    json_field<&LossSpec::parameters>("parameters"),
    json_field<&LossSpec::source>("source"),
    {"labels", [](Json& json, std::string_view name, const LossSpec& from) { json[std::string(name)] = from.labels; },
     [](const Json& json, const std::string& path, LossSpec& into) -> Status {
         std::string labels;
         LOSSMITH_CHECK(read_value(json, path, labels));
         if (!is_label_choice(labels)) return failure(wrong_labels(path, labels));
         into.labels = labels;
         return {};
     }},
};

}  // namespace

void append_source_errors(std::vector<Error>& errors, const std::string& source, const std::string& what) {
    if (source.size() > longest_loss_source)
        errors.push_back(Error::bad_input("`source` has " + std::to_string(source.size()) + " bytes, but " + what + " may have " +
                                          std::to_string(longest_loss_source) + "."));
    if (!source.empty() && source.find_first_not_of(" \t\r\n") == std::string::npos)
        errors.push_back(Error::bad_input("`source` holds nothing but blanks."));
}

std::string file_of_parameter(const Json& value) {
    return value.is_object() ? string_or_empty(value, "file") : std::string();
}

std::optional<Json> file_parameter(const std::string& text) {
    if (text.size() < 2 || text.front() != '@') return std::nullopt;
    return Json{{"file", text.substr(1)}};
}

std::vector<Error> LossSpec::validate() const {
    std::vector<Error> errors;
    const auto wrong = [&](std::string message) { errors.push_back(Error::bad_input(std::move(message))); };
    if (name.empty()) wrong("`name` is empty; name a loss, e.g. \"cross_entropy\".");
    if (!is_label_choice(labels)) errors.push_back(wrong_labels("labels", labels));
    append_source_errors(errors, source, "a loss");
    if (source.empty()) return errors;
    for (const auto& [field, value] : parameters.items())
        if (!value.is_number() && !value.is_boolean() && !value.is_string() && !names_a_file(value))
            wrong("`parameters." + field + "` must be a number, true, false, text or {\"file\": PATH}.");
    return errors;
}

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
