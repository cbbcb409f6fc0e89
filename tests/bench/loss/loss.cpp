// What a typed loss costs: a training step on GPT-2's own size with cross-entropy typed and built in, and the time from a keystroke to the
// check's verdict on the starter model: `bench_loss [ROUNDS] [N_LAYER]`.
#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/engine/devices/Devices.h"
#include "core/engine/loss/check/LossCheck.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/training/TrainingStep.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/Workplace.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

using bench::expect;

constexpr const char* typed_cross_entropy =
    "def loss(logits, labels):\n"
    "    keep = labels != -100\n"
    "    return F.cross_entropy(logits[keep], labels[keep])\n";

/// Twenty lines, the way people write them.
constexpr const char* twenty_lines =
    "def loss(logits, labels, gamma: float = 2.0, weight: float = 0.1):\n"
    "    # only labelled places count\n"
    "    keep = labels != -100\n"
    "    kept = logits[keep]\n"
    "    wanted = labels[keep]\n"
    "    log_p = F.log_softmax(kept, dim=-1)\n"
    "    nll = -log_p.gather(-1, wanted[:, None])[:, 0]\n"
    "    p = torch.exp(-nll)\n"
    "    hard = (1 - p) ** gamma\n"
    "    focal = (hard * nll).mean()\n"
    "    # keep some doubt\n"
    "    entropy = -(log_p.exp() * log_p).sum(dim=-1)\n"
    "    doubt = entropy.mean()\n"
    "    # and the normaliser near one\n"
    "    z = torch.logsumexp(kept, dim=-1)\n"
    "    drift = (z ** 2).mean()\n"
    "    parts = {}\n"
    "    parts['focal'] = focal\n"
    "    parts['doubt'] = -weight * doubt\n"
    "    parts['drift'] = 1e-4 * drift\n"
    "    return parts\n";

/// Four rows of 200 tokens, the last 130 labelled: about the rows of GSM8K.
std::vector<Example> rows() {
    std::mt19937 random(1);
    std::vector<Example> examples(4);
    for (Example& example : examples)
        for (int t = 0; t < 200; ++t) {
            example.input_ids.push_back(static_cast<std::int32_t>(random() % 50257));
            example.labels.push_back(t < 70 ? ignore_index : example.input_ids.back());
        }
    return examples;
}

double step_seconds(Gpt2& model, const Loss& loss, const std::vector<Example>& examples) {
    for (auto& [name, parameter] : model.parameters()) parameter.mutable_grad().reset();
    const auto begin = bench::Clock::now();
    static_cast<void>(expect(accumulate_gradients(model, loss, examples, {{0, 1, 2, 3}}, RunConfig{}, {})));
    return bench::seconds_since(begin);
}

void measure_step(int rounds, std::int64_t layers) {
    Gpt2Config config;
    config.n_layer = layers;
    Gpt2 model = Gpt2::from_checkpoint(expect(new_checkpoint(config, 1)));
    model.require_gradients(true);
    const auto examples = rows();
    const LossSetting setting{config.vocab_size, config.n_embd, nullptr};
    LossSpec spec;
    const auto built_in = expect(make_loss(spec, setting));
    spec.name = "typed";
    spec.source = typed_cross_entropy;
    const auto typed = expect(make_loss(spec, setting));
    if (!typed->separable_by_token()) std::printf("The typed loss was not found to be separable by token.\n");
    std::vector<double> own, theirs;
    step_seconds(model, *built_in, examples);
    for (int round = 0; round < rounds; ++round) {
        theirs.push_back(step_seconds(model, *built_in, examples));
        own.push_back(step_seconds(model, *typed, examples));
    }
    std::printf("step, cross-entropy built in %.3f s, typed %.3f s: %+.1f %%\n", bench::median(theirs), bench::median(own),
                100.0 * (bench::median(own) / bench::median(theirs) - 1.0));
}

void measure_verdict(int rounds) {
    ModelCache models(1);
    CheckBatchCache batches;
    LossSpec spec;
    spec.name = "typed";
    std::vector<double> milliseconds;
    for (int round = 0; round < rounds + 1; ++round) {
        spec.source = std::string(twenty_lines) + "# " + std::to_string(round) + "\n";
        const auto begin = bench::Clock::now();
        const Json report = check_loss(spec, *expect(batches.get({}, nullptr, models)));
        if (round > 0) milliseconds.push_back(1000.0 * bench::seconds_since(begin));
        if (report.at("verdict") != "ok") std::printf("%s\n", report.dump().c_str());
    }
    std::printf("verdict on twenty lines, warm: %.0f ms\n", bench::median(milliseconds));
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
    set_up_cpu(0);
    measure_verdict(rounds);
    measure_step(rounds, argc > 2 ? std::atoi(argv[2]) : 12);
    return 0;
}
