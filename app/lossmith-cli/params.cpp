#include "app/lossmith-cli/params.h"

#include "core/project/TemplateStore.h"

namespace lossmith::cli {

Error wrong_param(const std::string& name, const std::string& what) {
    return Error::bad_input("The parameter \"" + name + "\" must be " + what + ".");
}

Result<std::string> text_param(const Json& params, const char* name, const std::string& otherwise) {
    const auto found = params.find(name);
    if (found == params.end() || found->is_null()) return otherwise;
    if (!found->is_string()) return failure(wrong_param(name, "a text"));
    return found->get<std::string>();
}

Result<std::vector<std::string>> texts_param(const Json& params, const char* name) {
    const auto found = params.find(name);
    if (found == params.end() || found->is_null()) return std::vector<std::string>{};
    try {
        return found->get<std::vector<std::string>>();
    } catch (const Json::exception&) {
        return failure(wrong_param(name, "a list of texts"));
    }
}

Result<int> count_param(const Json& params, const char* name, int otherwise, int most) {
    const auto found = params.find(name);
    if (found == params.end() || found->is_null()) return otherwise;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 0 || found->get<std::int64_t>() > most)
        return failure(wrong_param(name, "a whole number from 0 to " + std::to_string(most)));
    return found->get<int>();
}

/// The project that a question names, opened; null when it names none.
Result<std::unique_ptr<Project>> project_param(const Json& params) {
    const std::string path = LOSSMITH_TRY(text_param(params, "project"));
    if (path.empty()) return std::unique_ptr<Project>{};
    return Project::open(path);
}

Result<TemplateSpec> template_param(const Json& params, Project* project) {
    const auto found = params.find("template");
    if (found != params.end() && !found->is_null()) return template_spec_from_json(*found);
    return project != nullptr ? project->templates().current() : TemplateSpec{};
}

Result<double> number_param(const Json& params, const char* name, double otherwise, double least, double most) {
    const auto found = params.find(name);
    if (found == params.end() || found->is_null()) return otherwise;
    if (!found->is_number() || !(found->get<double>() >= least && found->get<double>() <= most))
        return failure(wrong_param(name, "a number from " + Json(least).dump() + " to " + Json(most).dump()));
    return found->get<double>();
}

Result<bool> flag_param(const Json& params, const char* name) {
    const auto found = params.find(name);
    if (found == params.end() || found->is_null()) return false;
    if (!found->is_boolean()) return failure(wrong_param(name, "true or false"));
    return found->get<bool>();
}

Result<std::vector<TokenId>> ids_param(const Json& params, const char* name) {
    std::vector<TokenId> ids;
    const auto found = params.find(name);
    if (found == params.end() || found->is_null()) return ids;
    if (!found->is_array()) return failure(wrong_param(name, "a list of token ids"));
    for (const Json& id : *found) {
        if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<TokenId>::max())
            return failure(wrong_param(name, "a list of token ids"));
        ids.push_back(id.get<TokenId>());
    }
    return ids;
}

}  // namespace lossmith::cli
