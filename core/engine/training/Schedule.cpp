#include "core/engine/training/Schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lossmith::engine {

double learning_rate_at(const RunConfig& config, std::int64_t step, std::int64_t total_steps) {
    const auto at = static_cast<double>(step);
    const auto warmup = static_cast<double>(config.warmup_steps);
    if (at < warmup) return config.learning_rate * at / std::max(1.0, warmup);
    if (config.lr_scheduler_type == "constant") return config.learning_rate;
    const double left = std::max(1.0, static_cast<double>(total_steps) - warmup);
    const double progress = std::min(1.0, (at - warmup) / left);
    if (config.lr_scheduler_type == "cosine") return config.learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
    return config.learning_rate * (1.0 - progress);
}

}  // namespace lossmith::engine
