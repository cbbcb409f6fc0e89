// A run that trains low-rank changes beside frozen weights (LoRA, Hu et al. 2021), as data. Names and defaults follow peft's LoraConfig.
#pragma once

#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

struct LoraSpec {
    int r = 8;                                             ///< rank of each change
    double lora_alpha = 8.0;                               ///< the change is scaled by lora_alpha / r
    double lora_dropout = 0.0;                             ///< share of a change's inputs dropped while training
    std::vector<std::string> target_modules = {"c_attn"};  ///< of c_attn, c_proj (attention's and the MLP's) and c_fc

    bool operator==(const LoraSpec&) const = default;

    /// Everything that is wrong, each as one sentence.
    [[nodiscard]] std::vector<Error> validate() const;
};

/// What `target_modules` may name.
[[nodiscard]] const std::vector<std::string>& lora_modules();

void to_json(Json& json, const LoraSpec& spec);

}  // namespace lossmith
