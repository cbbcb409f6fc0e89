// Looks at a run's completions for the ways in which learning by reward goes wrong while its curve may look well. No Torch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lossmith::engine {

/// What is known of one round of completions.
struct RoundFigures {
    double reward = 0.0;             ///< mean
    double reward_std = 0.0;         ///< mean over the prompts of the deviation among one prompt's completions
    double entropy = 0.0;            ///< nats a token, of the policy that drew them
    double completion_tokens = 0.0;  ///< mean
    double completion_tokens_std = 0.0;
    double unfinished = 0.0;  ///< share cut at the longest length
    double kl = 0.0;          ///< nats a token from the base; zero where it is not computed
    int completions = 0;
};

struct CollapseNews {
    std::string kind;     ///< "reward_flat", "entropy_gone", "one_length", "all_cut", "far_from_base"
    std::string message;  ///< what is seen, with its figure, and what to do
};

/// A sign that is there for five rounds on end is told once, and again only after it was away.
class CollapseWatch {
public:
    [[nodiscard]] std::vector<CollapseNews> look(const RoundFigures& round);

private:
    std::map<std::string, int> m_rounds;  ///< for how long each sign has been there
};

}  // namespace lossmith::engine
