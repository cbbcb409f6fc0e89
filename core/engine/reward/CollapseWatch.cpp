#include "core/engine/reward/CollapseWatch.h"

#include <array>
#include <cstdio>

namespace lossmith::engine {
namespace {

constexpr int rounds_until_told = 5;
constexpr double no_spread = 1e-6;
constexpr double hardly_any_entropy = 0.02;  // nats: the likeliest token has more than 0.99 on average
constexpr double nearly_all = 0.95;
constexpr double far_from_base = 5.0;  // nats a token

std::string figure(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
}

struct Sign {
    const char* kind;
    bool (*seen)(const RoundFigures&);
    std::string (*message)(const RoundFigures&);
};

const std::array<Sign, 5> signs = {{
    {"reward_flat", [](const RoundFigures& round) { return round.reward_std < no_spread; },
     [](const RoundFigures& round) {
         return "All completions of a prompt get the same reward (" + figure(round.reward) +
                "), so none is preferred and the reward teaches nothing more. If that is not the best reward there is, let it grade more "
                "finely, raise "
                "the temperature or the number of completions.";
     }},
    {"entropy_gone", [](const RoundFigures& round) { return round.entropy < hardly_any_entropy; },
     [](const RoundFigures& round) {
         return "The model is nearly certain of every token (entropy " + figure(round.entropy) +
                " nats), so it hardly tries anything new. Lower the learning rate, raise beta or the temperature, or take an earlier "
                "checkpoint.";
     }},
    {"one_length",
     [](const RoundFigures& round) {
         return round.completions > 1 && round.completion_tokens_std < no_spread && round.unfinished < nearly_all;
     },
     [](const RoundFigures& round) {
         return "Every completion has " + figure(round.completion_tokens) +
                " tokens. Where the true solutions differ in length, the reward can be had by one fixed text: look at the completions.";
     }},
    {"all_cut", [](const RoundFigures& round) { return round.unfinished >= nearly_all; },
     [](const RoundFigures& round) {
         return figure(100.0 * round.unfinished) +
                " % of the completions were cut before they ended. Raise max_completion_length, or reward replies that end.";
     }},
    {"far_from_base", [](const RoundFigures& round) { return round.kl > far_from_base; },
     [](const RoundFigures& round) {
         return "The model has moved far from its base (" + figure(round.kl) +
                " nats a token); its text may no longer be language. Raise beta or lower the learning rate.";
     }},
}};

}  // namespace

std::vector<CollapseNews> CollapseWatch::look(const RoundFigures& round) {
    std::vector<CollapseNews> news;
    for (const Sign& sign : signs) {
        int& rounds = m_rounds[sign.kind];
        rounds = sign.seen(round) ? rounds + 1 : 0;
        if (rounds == rounds_until_told) news.push_back({sign.kind, sign.message(round)});
    }
    return news;
}

}  // namespace lossmith::engine
