// The answers of inspection as tables for people: each takes what the question of the same name answers.
#pragma once

#include <string>

#include "core/base/Json.h"

namespace lossmith::cli {

[[nodiscard]] std::string inspection_table(const Json& answer);
[[nodiscard]] std::string place_table(const Json& answer);
[[nodiscard]] std::string lens_table(const Json& answer, const Json& tokens);       ///< `tokens`: those of `inspect`
[[nodiscard]] std::string attention_table(const Json& answer, const Json& tokens);  ///< each token's strongest keys
[[nodiscard]] std::string attribution_table(const Json& answer, const Json& tokens);
[[nodiscard]] std::string difference_table(const Json& answer);
[[nodiscard]] std::string odds_table(const Json& answer);

}  // namespace lossmith::cli
