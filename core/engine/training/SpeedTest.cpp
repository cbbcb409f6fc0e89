#include "core/engine/training/SpeedTest.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>

#include "core/base/Memory.h"
#include "core/config/RunConfig.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/devices/Processor.h"
#include "core/engine/loss/CrossEntropy.h"
#include "core/engine/model/Activation.h"
#include "core/engine/model/Attention.h"
#include "core/engine/model/Bfloat16.h"
#include "core/engine/model/Product.h"
#include "core/engine/training/AdamW.h"
#include "core/engine/training/TrainingStep.h"

namespace lossmith::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int steps_before = 2;
constexpr int rounds = 5;  ///< of what is measured alone
constexpr std::int64_t peak_size = 2048;

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// What was timed, in the order in which the names first came.
class Stopwatch {
public:
    void start() { m_since = Clock::now(); }
    void lap(const std::string& name) {
        const Clock::time_point now = Clock::now();
        const auto found = std::find_if(m_laps.begin(), m_laps.end(), [&name](const auto& lap) { return lap.first == name; });
        auto& seconds = found == m_laps.end() ? m_laps.emplace_back(name, std::vector<double>()).second : found->second;
        seconds.push_back(std::chrono::duration<double>(now - m_since).count());
        m_since = now;
    }
    [[nodiscard]] std::vector<SpeedPart> medians() const {
        std::vector<SpeedPart> parts;
        for (const auto& [name, seconds] : m_laps) parts.push_back({name, median_of(seconds), true});
        return parts;
    }

private:
    Clock::time_point m_since = Clock::now();
    std::vector<std::pair<std::string, std::vector<double>>> m_laps;
};

double seconds_of(const std::function<void()>& work) {
    work();
    std::vector<double> seconds;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = Clock::now();
        work();
        seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return median_of(std::move(seconds));
}

at::Tensor made_up(std::int64_t rows, std::int64_t columns, bool bf16) {
    return operand(at::randn({rows, columns}), bf16);
}

/// The best of our own product and LibTorch's.
double measured_peak(bool bf16) {
    const auto matrix = [bf16] {
        const at::Tensor numbers = at::randn({peak_size, peak_size});
        return bf16 ? rounded(numbers) : numbers;
    };
    const at::Tensor a = matrix();
    const at::Tensor b = matrix();
    const double operations = 2.0 * static_cast<double>(peak_size * peak_size * peak_size);
    double best = 0.0;
    for (int round = 0; round < 2 * rounds; ++round) {
        const auto begin = Clock::now();
        static_cast<void>(round % 2 == 0 ? product(a, b, bf16) : at::mm(a, b));
        best = std::max(best, operations / std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return best / 1e9;
}

std::vector<Example> made_up_rows(const Gpt2Config& config, const SpeedTestSetup& setup, int step) {
    std::mt19937_64 random(static_cast<std::uint64_t>(step) + 1);
    std::vector<Example> rows(static_cast<std::size_t>(setup.rows));
    for (Example& row : rows)
        for (std::int64_t i = 0; i < setup.tokens; ++i) {
            const auto id = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(config.vocab_size));
            row.input_ids.push_back(id);
            row.labels.push_back(i < setup.tokens / 2 ? ignore_index : id);
        }
    return rows;
}

/// The products of a block's four Conv1Ds, forward and backward, alone at the step's shapes.
double seconds_of_products(const Gpt2Config& config, const SpeedTestSetup& setup) {
    const std::int64_t tokens = setup.rows * setup.tokens;
    const std::pair<std::int64_t, std::int64_t> shapes[] = {{config.n_embd, 3 * config.n_embd},
                                                            {config.n_embd, config.n_embd},
                                                            {config.n_embd, config.inner_size()},
                                                            {config.inner_size(), config.n_embd}};
    double seconds = 0.0;
    for (const auto& [in, out] : shapes) {
        const at::Tensor x = made_up(tokens, in, setup.bf16);
        const at::Tensor weight = made_up(in, out, setup.bf16);
        const at::Tensor above = made_up(tokens, out, setup.bf16);
        seconds += seconds_of([&] {
            static_cast<void>(product(x, weight, setup.bf16));
            static_cast<void>(product(above, weight.t(), setup.bf16));
            static_cast<void>(product(x.t(), above, setup.bf16));
        });
    }
    return seconds * static_cast<double>(config.n_layer);
}

double seconds_of_attention(const Gpt2Config& config, const SpeedTestSetup& setup) {
    const at::Tensor qkv = at::randn({setup.rows, setup.tokens, 3 * config.n_embd});
    const at::Tensor above = at::randn({setup.rows, setup.tokens, config.n_embd});
    const CausalAttention how{config.n_head, config.attention_scale(0), config.attn_pdrop, {}, setup.bf16};
    return static_cast<double>(config.n_layer) * seconds_of([&] {
               static_cast<void>(causal_attention(qkv, how));
               static_cast<void>(causal_attention_backward(qkv, above, how));
           });
}

double seconds_of_activation(const Gpt2Config& config, const SpeedTestSetup& setup) {
    const at::Tensor x = at::randn({setup.rows * setup.tokens, config.inner_size()});
    return static_cast<double>(config.n_layer) * seconds_of([&] {
               static_cast<void>(activate(x, config.activation_function));
               static_cast<void>(activate_backward(x, x, config.activation_function));
           });
}

Status check(const Gpt2Config& config, const SpeedTestSetup& setup) {
    if (setup.rows < 1 || setup.steps < 1) return failure(Error::bad_input("A row and a step are needed at least."));
    if (setup.tokens < 2 || setup.tokens > config.n_positions)
        return failure(Error::bad_input("Rows of " + std::to_string(setup.tokens) + " tokens can not be measured.")
                           .with_hint("This model takes 2 to " + std::to_string(config.n_positions) + "."));
    if (setup.bf16 && !processor_multiplies_bf16())
        return failure(Error::unsupported("This processor has no bfloat16 instructions.").with_hint("Measure in full precision."));
    return {};
}

const char* name_of(StepPart part) {
    switch (part) {
        case StepPart::Forward: return "blocks, forward";
        case StepPart::Head: return "head and loss";
        case StepPart::Backward: return "blocks, backward";
    }
    return "";
}

}  // namespace

double step_operations(const Gpt2Config& config, const SpeedTestSetup& setup) {
    const auto rows = static_cast<double>(setup.rows);
    const auto tokens = static_cast<double>(setup.tokens);
    const auto width = static_cast<double>(config.n_embd);
    const double block = width * (4.0 * width + 2.0 * static_cast<double>(config.inner_size()));
    const double labelled = rows * (tokens - static_cast<double>(setup.tokens / 2));
    const double seen = rows * tokens * (tokens + 1.0) / 2.0;  // pairs of a query and a key
    return static_cast<double>(config.n_layer) * (6.0 * block * rows * tokens + 12.0 * width * seen) +
           6.0 * width * static_cast<double>(config.vocab_size) * labelled;
}

void to_json(Json& json, const SpeedTest& test) {
    Json parts = Json::array();
    for (const SpeedPart& part : test.parts)
        parts.push_back({{"name", part.name},
                         {"seconds", part.seconds},
                         {"share", part.seconds / test.step_seconds},
                         {"of_the_step", part.of_the_step}});
    json = {{"tokens_per_second", test.tokens_per_second},
            {"step_seconds", test.step_seconds},
            {"gflops", test.gflops},
            {"peak_gflops", test.peak_gflops},
            {"share_of_peak", test.gflops / test.peak_gflops},
            {"peak_bytes", test.peak_bytes},
            {"parts", std::move(parts)}};
}

Result<SpeedTest> test_speed(Gpt2& model, const SpeedTestSetup& setup, const CancellationToken& cancelled, const ProgressSink& progress) {
    const Gpt2Config& shape = model.config();
    LOSSMITH_CHECK(check(shape, setup));
    SpeedTest test;
    RunConfig config;
    const MatmulPrecision precision(config.float32_matmul_precision, at::kCPU);
    test.peak_gflops = measured_peak(setup.bf16);
    config.bf16 = setup.bf16;
    config.per_device_train_batch_size = setup.rows;
    model.require_gradients(true);
    AdamW optimizer(model.parameters(), config);
    const CrossEntropy loss(0.0);
    PlannedStep planned(1);
    for (int row = 0; row < setup.rows; ++row) planned.front().push_back(static_cast<std::size_t>(row));
    Stopwatch watch;
    std::vector<double> whole;
    for (int step = 0; step < steps_before + setup.steps; ++step) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        if (progress) progress({"steps", step, steps_before + setup.steps});
        if (step == steps_before) watch = {};
        const std::vector<Example> rows = made_up_rows(shape, setup, step);
        LossMoment moment;
        moment.step = step;
        GradientPass pass;
        pass.passed = [&watch](StepPart part) { watch.lap(name_of(part)); };
        const auto begin = Clock::now();
        watch.start();
        static_cast<void>(LOSSMITH_TRY(accumulate_gradients(model, {loss}, rows, planned, config, moment, pass)));
        const double norm = optimizer.gradient_norm();
        watch.lap("norm of the gradient");
        optimizer.step(config.learning_rate, norm);
        optimizer.zero_gradients();
        watch.lap("AdamW");
        if (step >= steps_before) whole.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    test.step_seconds = median_of(std::move(whole));
    test.tokens_per_second = static_cast<double>(setup.rows * setup.tokens) / test.step_seconds;
    test.gflops = step_operations(shape, setup) / test.step_seconds / 1e9;
    test.peak_bytes = peak_resident_bytes();
    test.parts = watch.medians();
    const at::NoGradGuard no_graph;
    test.parts.push_back({"matrix products of the blocks", seconds_of_products(shape, setup), false});
    test.parts.push_back({"attention", seconds_of_attention(shape, setup), false});
    test.parts.push_back({"activation", seconds_of_activation(shape, setup), false});
    return test;
}

}  // namespace lossmith::engine
