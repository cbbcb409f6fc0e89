// How text is generated from a model: names and defaults follow transformers' GenerationConfig.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

struct SamplingConfig {
    int max_new_tokens = 60;
    bool do_sample = false;                 ///< false: greedy or beam search; the sampling filters then do nothing
    double temperature = 1.0;               ///< > 0; logits are divided by it
    int top_k = 0;                          ///< keep the k most probable; 0: all
    double top_p = 1.0;                     ///< nucleus (Holtzman et al. 2020); 1: all
    double min_p = 0.0;                     ///< keep what has at least this share of the top probability; 0: all
    double typical_p = 1.0;                 ///< locally typical sampling (Meister et al. 2023); 1: all
    double repetition_penalty = 1.0;        ///< CTRL (Keskar et al. 2019); 1: none
    int no_repeat_ngram_size = 0;           ///< an n-gram of this size never occurs twice; 0: may
    int num_beams = 1;                      ///< > 1: beam search
    double length_penalty = 1.0;            ///< beams: score = sum of log-probabilities / length^penalty
    std::vector<std::string> stop_strings;  ///< generation ends when the text holds one; it is cut off the text
    bool stop_at_end_token = true;          ///< end at the model's eos_token_id
    std::uint64_t seed = 42;                ///< the same seed and settings give the same tokens

    std::string precision = "fp32";  ///< of the weights: fp32, bf16 or int8; the fewer bytes, the faster a token comes

    bool operator==(const SamplingConfig&) const = default;

    /// Everything that is wrong, one Error each; empty when all is well.
    [[nodiscard]] std::vector<Error> validate() const;
};

void to_json(Json& json, const SamplingConfig& config);

/// Unknown names and wrong types are errors that name the field; absent fields keep their defaults.
[[nodiscard]] Result<SamplingConfig> sampling_config_from_json(const Json& json);

}  // namespace lossmith
