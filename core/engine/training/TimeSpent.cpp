#include "core/engine/training/TimeSpent.h"

#include <cstdio>

namespace lossmith::engine {
namespace {

std::string with_one_decimal(double value) {
    char text[48];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

}  // namespace

void to_json(Json& json, const TimeSpent& spent) {
    json = {{"whole", spent.whole},
            {"steps", spent.steps},
            {"validation", spent.validation},
            {"samples", spent.samples},
            {"checkpoints", spent.checkpoints},
            {"paused", spent.paused},
            {"rest", spent.rest()}};
}

std::string in_a_sentence(const TimeSpent& spent) {
    const auto share = [&](double seconds) { return with_one_decimal(100.0 * seconds / std::max(spent.whole, 1e-9)) + " %"; };
    return "Of " + with_one_decimal(spent.whole) + " s, the steps took " + share(spent.steps) + ", validation " + share(spent.validation) +
           ", samples " + share(spent.samples) + ", checkpoints " + share(spent.checkpoints) + ", metrics and events " +
           share(spent.rest()) + ".";
}

}  // namespace lossmith::engine
