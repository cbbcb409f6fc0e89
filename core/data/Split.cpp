#include "core/data/Split.h"

#include <cmath>

#include "core/data/ContentHash.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr JsonField<SplitConfig> split_fields[] = {
    json_field<&SplitConfig::validation>("validation"),
    json_field<&SplitConfig::test>("test"),
    json_field<&SplitConfig::seed>("seed"),
};

bool is_share(double value) {
    return value >= 0.0 && value < 1.0;
}

std::string_view without_outer_space(std::string_view text) {
    constexpr std::string_view space = " \t\r\n\f\v";
    const auto begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

}  // namespace

const char* name_of(Split split) {
    switch (split) {
        case Split::Train: return "train";
        case Split::Validation: return "validation";
        case Split::Test: return "test";
    }
    return "train";
}

std::vector<Error> SplitConfig::validate() const {
    std::vector<Error> errors;
    if (!is_share(validation)) errors.push_back(Error::bad_input("`validation` must be a share of the rows, from 0 to below 1."));
    if (!is_share(test)) errors.push_back(Error::bad_input("`test` must be a share of the rows, from 0 to below 1."));
    if (errors.empty() && validation + test >= 1.0)
        errors.push_back(Error::bad_input("`validation` and `test` together must be below 1, so that rows are left to train on."));
    return errors;
}

void to_json(Json& json, const SplitConfig& config) {
    write_fields(json, split_fields, config);
}

Result<SplitConfig> split_config_from_json(const Json& json) {
    SplitConfig config;
    LOSSMITH_CHECK(read_fields(json, "", split_fields, config));
    return config;
}

Split split_of(const SplitConfig& config, std::string_view problem) {
    const ContentHash hash = content_hash(without_outer_space(problem), config.seed);
    const double place = std::ldexp(static_cast<double>(hash.low >> 11), -53);
    if (place < config.validation) return Split::Validation;
    if (place < config.validation + config.test) return Split::Test;
    return Split::Train;
}

Split split_of(const SplitConfig& config, std::string_view problem, std::string_view solution) {
    return split_of(config, without_outer_space(problem).empty() ? solution : problem);
}

}  // namespace lossmith
