// How fast a model trains on this machine: tokens a second, share of what its matrix product can do, memory, and what each part takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/engine/model/Gpt2.h"

namespace lossmith::engine {

struct SpeedTestSetup {
    int rows = 4;               ///< of a micro-batch, which is a step
    std::int64_t tokens = 200;  ///< of each row, of which the second half is labelled
    int steps = 5;              ///< measured; two more come first
    bool bf16 = false;
};

/// Seconds of one step, medians.
struct SpeedPart {
    std::string name;
    double seconds = 0.0;
    bool of_the_step = true;  ///< false: measured alone at the step's shapes, and a share of the parts above
};

struct SpeedTest {
    double tokens_per_second = 0.0;
    double step_seconds = 0.0;
    double gflops = 0.0;          ///< of the step's matrix products, attention's included, over the whole step
    double peak_gflops = 0.0;     ///< of two matrices of 2048 × 2048 in the same precision: the best of several, ours and LibTorch's
    std::int64_t peak_bytes = 0;  ///< the most that this process ever held, its start included; zero when the system does not say
    std::vector<SpeedPart> parts;
};

/// `{tokens_per_second, step_seconds, gflops, peak_gflops, share_of_peak, peak_bytes, parts: [{name, seconds, share, of_the_step}]}`
void to_json(Json& json, const SpeedTest& test);

/// Trains on made-up rows of the model's own vocabulary; the model's weights change. Threads are those LibTorch has.
[[nodiscard]] Result<SpeedTest> test_speed(Gpt2& model, const SpeedTestSetup& setup, const CancellationToken& cancelled = {},
                                           const ProgressSink& progress = {});

/// Operations of the matrix products of one step, forward and backward: of each weight of the blocks six for a token, of the head six for a
/// labelled place, and of attention's two products three times four for each pair of a query and a key that it sees (Kaplan et al. 2020,
/// section 2.1, without the factor for keys that causal attention leaves out).
[[nodiscard]] double step_operations(const Gpt2Config& config, const SpeedTestSetup& setup);

}  // namespace lossmith::engine
