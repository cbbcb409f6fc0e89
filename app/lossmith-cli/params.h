// What a question is asked with: members of its params, each checked for its type and range. Absent and null are the same.
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/data/Template.h"
#include "core/project/Project.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::cli {

/// "The parameter "name" must be WHAT."
[[nodiscard]] Error wrong_param(const std::string& name, const std::string& what);

[[nodiscard]] Result<std::string> text_param(const Json& params, const char* name, const std::string& otherwise = {});
[[nodiscard]] Result<std::vector<std::string>> texts_param(const Json& params, const char* name);
/// A whole number from 0 to `most`.
[[nodiscard]] Result<int> count_param(const Json& params, const char* name, int otherwise, int most);
[[nodiscard]] Result<double> number_param(const Json& params, const char* name, double otherwise, double least, double most);
[[nodiscard]] Result<bool> flag_param(const Json& params, const char* name);  ///< absent: false
/// Ids are not held against a vocabulary here.
[[nodiscard]] Result<std::vector<TokenId>> ids_param(const Json& params, const char* name);

/// The project that a question names, opened; null when it names none.
[[nodiscard]] Result<std::unique_ptr<Project>> project_param(const Json& params);
/// "template", else the project's current one, else the default.
[[nodiscard]] Result<TemplateSpec> template_param(const Json& params, Project* project);

}  // namespace lossmith::cli
