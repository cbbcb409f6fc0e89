#include "core/config/SamplingConfig.h"

#include "core/config/ReadValue.h"
#include "core/config/RunFields.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr JsonField<SamplingConfig> sampling_json_fields[] = {
    json_field<&SamplingConfig::max_new_tokens>("max_new_tokens"),
    json_field<&SamplingConfig::do_sample>("do_sample"),
    json_field<&SamplingConfig::temperature>("temperature"),
    json_field<&SamplingConfig::top_k>("top_k"),
    json_field<&SamplingConfig::top_p>("top_p"),
    json_field<&SamplingConfig::min_p>("min_p"),
    json_field<&SamplingConfig::typical_p>("typical_p"),
    json_field<&SamplingConfig::repetition_penalty>("repetition_penalty"),
    json_field<&SamplingConfig::no_repeat_ngram_size>("no_repeat_ngram_size"),
    json_field<&SamplingConfig::num_beams>("num_beams"),
    json_field<&SamplingConfig::length_penalty>("length_penalty"),
    json_field<&SamplingConfig::stop_strings>("stop_strings"),
    json_field<&SamplingConfig::stop_at_end_token>("stop_at_end_token"),
    json_field<&SamplingConfig::seed>("seed"),
    json_field<&SamplingConfig::precision>("precision"),
};

}  // namespace

void to_json(Json& json, const SamplingConfig& config) {
    write_fields(json, sampling_json_fields, config);
}

Status read_value(const Json& json, const std::string& path, SamplingConfig& target) {
    return read_fields(json, path, sampling_json_fields, target);
}

Result<SamplingConfig> sampling_config_from_json(const Json& json) {
    SamplingConfig config;
    LOSSMITH_CHECK(read_value(json, "", config));
    return config;
}

std::vector<Error> SamplingConfig::validate() const {
    std::vector<Error> errors = range_errors(Json(*this), sampling_fields(), "");
    if (do_sample && num_beams > 1)
        errors.push_back(Error::bad_input("`do_sample` and `num_beams` above 1 exclude each other.")
                             .with_hint("Turn do_sample off for beam search, or set num_beams to 1."));
    for (std::size_t i = 0; i < stop_strings.size(); ++i)
        if (stop_strings[i].empty())
            errors.push_back(Error::bad_input("`stop_strings[" + std::to_string(i) + "]` is empty; every text would end at once."));
    return errors;
}

}  // namespace lossmith
