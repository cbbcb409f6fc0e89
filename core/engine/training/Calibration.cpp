#include "core/engine/training/Calibration.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "core/engine/training/AdamW.h"
#include "core/engine/training/TrainingStep.h"

namespace lossmith::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t tokens_timed = 1024;
constexpr std::int64_t weights_timed = 8 << 20;
constexpr double unlike_lengths = 1.3;  ///< below this share two lengths tell nothing of attention

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Timed {
    double tokens = 0.0, pairs = 0.0, length = 0.0, seconds = 0.0;
};

/// Rows of like length, at this share of the examples in the order of their lengths.
std::vector<std::size_t> rows_at(const std::vector<Example>& examples, const std::vector<std::size_t>& order, double share,
                                 int batch_size) {
    const auto middle = std::min(order.size() - 1, static_cast<std::size_t>(share * static_cast<double>(order.size())));
    const std::size_t length = std::max<std::size_t>(1, examples[order[middle]].input_ids.size());
    const std::size_t enough = std::max<std::size_t>(1, tokens_timed / length);
    const auto count = std::min({order.size(), static_cast<std::size_t>(batch_size), enough});
    const std::size_t first = std::min(order.size() - count, middle - std::min(middle, count / 2));
    return {order.begin() + static_cast<std::ptrdiff_t>(first), order.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

/// The better of two, after one that nothing is told of.
Result<Timed> timed(Gpt2& model, const Objective& objective, const std::vector<Example>& examples, const std::vector<std::size_t>& rows,
                    const RunConfig& config, const CancellationToken& cancelled) {
    Timed best;
    for (const std::size_t row : rows) best.length = std::max(best.length, static_cast<double>(examples[row].input_ids.size()));
    best.tokens = best.length * static_cast<double>(rows.size());
    best.pairs = best.tokens * best.length;
    for (int round = 0; round < 3; ++round) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const auto begin = Clock::now();
        static_cast<void>(LOSSMITH_TRY(accumulate_gradients(model, objective, examples, {rows}, config, {})));
        const double seconds = seconds_since(begin);
        if (round == 1 || (round == 2 && seconds < best.seconds)) best.seconds = seconds;
    }
    return best;
}

/// The optimiser's share, on copies of the first weights.
double seconds_per_update(const Gpt2& model, const RunConfig& config) {
    const at::NoGradGuard no_graph;
    std::vector<std::pair<std::string, at::Tensor>> part;
    std::int64_t in_part = 0;
    std::int64_t all = 0;
    for (const auto& [name, tensor] : model.trainable_parameters()) {
        all += tensor.numel();
        if (in_part >= weights_timed) continue;
        at::Tensor copy = tensor.detach().clone();
        copy.mutable_grad() = at::zeros_like(copy);
        in_part += copy.numel();
        part.emplace_back(name, std::move(copy));
    }
    if (in_part == 0) return 0.0;
    AdamW optimizer(std::move(part), config);
    double seconds = 0.0;
    for (int round = 0; round < 3; ++round) {
        const auto begin = Clock::now();
        optimizer.step(0.0, optimizer.gradient_norm());
        seconds = seconds_since(begin);
    }
    return seconds * static_cast<double>(all) / static_cast<double>(in_part);
}

}  // namespace

Result<Pace> calibrate(Gpt2& model, const Objective& objective, const std::vector<Example>& examples, const RunConfig& config,
                       const CancellationToken& cancelled) {
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return examples[a].input_ids.size() < examples[b].input_ids.size(); });
    const int batch = config.per_device_train_batch_size;
    const Timed longer = LOSSMITH_TRY(timed(model, objective, examples, rows_at(examples, order, 0.8, batch), config, cancelled));
    const Timed shorter = LOSSMITH_TRY(timed(model, objective, examples, rows_at(examples, order, 0.3, batch), config, cancelled));
    Pace pace;
    pace.per_token = (longer.seconds + shorter.seconds) / (longer.tokens + shorter.tokens);
    if (longer.length > unlike_lengths * shorter.length) {
        const double slope = (longer.seconds / longer.tokens - shorter.seconds / shorter.tokens) / (longer.length - shorter.length);
        pace.per_pair = std::max(0.0, slope);
        const double rest = longer.seconds + shorter.seconds - pace.per_pair * (longer.pairs + shorter.pairs);
        if (rest > 0.0)
            pace.per_token = rest / (longer.tokens + shorter.tokens);
        else
            pace.per_pair = 0.0;
    }
    pace.per_update = seconds_per_update(model, config);
    return pace;
}

}  // namespace lossmith::engine
