// Each cause as a plain question to the evidence. The thresholds stand beside their reasons.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/diagnosis/Diagnosis.h"
#include "core/diagnosis/Evidence.h"

namespace lossmith {

/// All causes that the evidence shows, worst first. A cause that follows from a worse one is not told beside it.
[[nodiscard]] std::vector<Finding> find_causes(const Evidence& evidence);

/// What a run without findings is believed for: a line for each thing looked at, with its figures.
[[nodiscard]] std::vector<std::string> looked_at(const Evidence& evidence);

/// A learning rate at which a model of this size is fine-tuned in a few epochs without falling apart; between the two rates tried for
/// the shipped starter (17.7 M parameters, 1e-3) and usual for GPT-2 (124 M, 5e-5 to 2e-4; Radford et al. 2019 and transformers' default).
/// With LoRA it is five times that, between Hu et al. 2021 (2e-4, lora_alpha / r of 8, for GPT-2 of 355 M) and the ten times of Schulman et
/// al. 2025, "LoRA Without Regret".
[[nodiscard]] double usual_learning_rate(const Evidence& evidence);

// One question each, by theme; absent: this is not what is wrong.
using Question = std::optional<Finding> (*)(const Evidence&);
namespace causes {
// of the labels and rows (LabelCauses.cpp)
[[nodiscard]] std::optional<Finding> padding_labelled(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> problem_labelled(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> end_not_labelled(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> solutions_truncated(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> rows_leak(const Evidence& evidence);
// of the curves (CurveCauses.cpp)
[[nodiscard]] std::optional<Finding> not_finite(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> no_gradient(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> rate_too_high(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> rate_too_low(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> too_few_steps(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> memorised(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> base_too_small(const Evidence& evidence);
// of what the models answer (AnswerCauses.cpp)
[[nodiscard]] std::optional<Finding> wrong_tokenizer(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> new_tokens_random(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> prompt_mismatch(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> pairs_unrelated(const Evidence& evidence);
[[nodiscard]] std::optional<Finding> sampling_undoes_training(const Evidence& evidence);
}  // namespace causes

}  // namespace lossmith
