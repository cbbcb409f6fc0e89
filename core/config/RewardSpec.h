// What a run is rewarded for, and how a reward becomes a gradient, as data. Names follow TRL's GRPOConfig and RLOOConfig where they have
// one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/LossSpec.h"

namespace lossmith {

struct RewardSpec {
    std::string name = "exact_match";  ///< an entry of the catalogue whose kind is "reward", or what the author of `source` calls it
    Json parameters = Json::object();  ///< its fields
    std::string source = {};           ///< a typed reward's text; empty: the catalogue's entry `name`

    /// How rewards become weights of log-probabilities: "reinforce", "self_critical", "rloo", "grpo" or "minimum_risk" (docs/rewards.md).
    std::string method = "grpo";
    int num_generations = 8;         ///< completions drawn for each prompt
    int max_completion_length = 64;  ///< tokens; a completion that is not ended by then is cut
    double temperature = 1.0;        ///< the policy is softmax(logits / temperature), when it draws and when it learns
    double beta = 0.04;              ///< weight of the divergence from the base model; 0: none, and the base is not needed
    double epsilon = 0.2;            ///< a token's ratio to what drew it counts within [1 - epsilon, 1 + epsilon]
    int num_iterations = 1;          ///< updates of the weights from the same completions; clipping shows from the second on
    double loss_weight = 0.1;        ///< share of the run's `loss` on the true solutions, which keeps the text steady; 0: none
    double risk_alpha = 0.05;        ///< sharpness of minimum_risk's distribution over the completions of a prompt
    int eval_prompts = 64;           ///< validation problems whose replies are rewarded at each validation

    bool operator==(const RewardSpec&) const = default;

    /// Whether the method weighs a prompt's completions against one another, so that one alone teaches nothing.
    [[nodiscard]] bool compares_completions() const;

    /// Everything that is wrong, each as one sentence.
    [[nodiscard]] std::vector<Error> validate() const;
};

/// Whether a typed text is a reward rather than a loss: one of its lines begins with `def reward` and none with `def loss`.
[[nodiscard]] bool is_reward_text(std::string_view source);

/// Its name, fields and text in a loss's form, as the window shows both on one page.
[[nodiscard]] LossSpec as_loss(const RewardSpec& spec);

void to_json(Json& json, const RewardSpec& spec);

}  // namespace lossmith
