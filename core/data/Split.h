// Which rows train, which validate, which are held out: stable by seed and content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

enum class Split : int { Train = 0, Validation = 1, Test = 2 };
[[nodiscard]] const char* name_of(Split split);  ///< "train", "validation", "test"

struct SplitConfig {
    double validation = 0.1;  ///< share of rows
    double test = 0.0;
    std::uint64_t seed = 42;
    bool operator==(const SplitConfig&) const = default;
    [[nodiscard]] std::vector<Error> validate() const;
};

void to_json(Json& json, const SplitConfig& config);
[[nodiscard]] Result<SplitConfig> split_config_from_json(const Json& json);

/// Decided by a hash of seed and problem alone, so that adding rows moves no other row and equal problems never straddle splits.
/// White space around the problem does not count.
[[nodiscard]] Split split_of(const SplitConfig& config, std::string_view problem);

/// As above, but by the solution where the problem is blank, so that rows of plain text do not all fall into one split.
[[nodiscard]] Split split_of(const SplitConfig& config, std::string_view problem, std::string_view solution);

}  // namespace lossmith
