// Generating for one prompt, where a token waits for the weights to come from memory: a model of GPT-2's size with random weights in fp32,
// bf16 and int8, greedy, and llama.cpp's llama-bench on the same weights in the same precision where LOSSMITH_PEER_LLAMA names it (and
// LOSSMITH_PEER_PYTHON a Python with numpy and gguf to write its files):
// `bench_one_prompt [NEW_TOKENS] [ROUNDS] [N_LAYER]`.
//
// New tokens a second after a prompt of one token, choosing them included, laying out the weights not; both sides in turn, medians.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "core/engine/devices/Devices.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/model/LoadedModel.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/Workplace.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

using bench::expect;

namespace fs = std::filesystem;

constexpr const char* precisions[] = {"fp32", "bf16", "int8"};

struct Task {
    fs::path folder;
    int new_tokens = 128;
    int rounds = 3;
    std::string layers = "12";
};

double own_speed(const Task& task, const StepWeights& weights, const Tokenizer& tokenizer) {
    GenerationRequest request;
    request.prompts = {{50256}};
    request.sampling.stop_at_end_token = false;
    request.sampling.max_new_tokens = 8;  // to warm up
    static_cast<void>(expect(generate(weights, tokenizer, request)));
    request.sampling.max_new_tokens = task.new_tokens;
    const auto begin = bench::Clock::now();
    const auto texts = expect(generate(weights, tokenizer, request));
    return static_cast<double>(texts.front().ids.size()) / bench::seconds_since(begin);
}

double peer_speed(const Task& task, const std::string& llama_bench, const fs::path& model) {
    const auto outcome = bench::run_or_exit({llama_bench, "-m", model.string(), "-p", "0", "-n", std::to_string(task.new_tokens), "-r", "1",
                                             "-t", std::to_string(std::thread::hardware_concurrency()), "-o", "json"});
    return expect(parse_json(outcome.output)).at(0).at("avg_ts").get<double>();
}

void measure(const Task& task) {
    const std::string model = (task.folder / "model").string();
    bench::run_or_exit({LOSSMITH_BIN "/lossmith-cli", "new-model", model, "--n_layer", task.layers, "--seed", "1"});
    const LoadedModel loaded = expect(load_model(model));
    const char* llama_bench = std::getenv("LOSSMITH_PEER_LLAMA");
    const auto python = bench::peer_python();
    if (llama_bench == nullptr || !python)
        std::printf("LOSSMITH_PEER_LLAMA and LOSSMITH_PEER_PYTHON do not both name something: the peer is left out.\n");
    const bool has_peer = llama_bench != nullptr && python;
    std::map<std::string, std::vector<double>> own, peer;
    for (int round = 0; round < task.rounds; ++round)
        for (const char* precision : precisions) {
            const fs::path file = task.folder / (std::string(precision) + ".gguf");
            if (has_peer && round == 0)
                bench::run_or_exit({*python, LOSSMITH_SOURCE "/tests/bench/generation/write_gguf.py", model, precision, file.string()});
            const auto begin = bench::Clock::now();
            const StepWeights weights(loaded.model, precision_named(precision));
            const double laid_out = bench::seconds_since(begin);
            own[precision].push_back(own_speed(task, weights, *loaded.tokenizer));
            if (has_peer) peer[precision].push_back(peer_speed(task, llama_bench, file));
            std::fprintf(stderr, "round %d: %s laid out in %.2f s, %.1f tokens/s; peer %.1f\n", round + 1, precision, laid_out,
                         own[precision].back(), has_peer ? peer[precision].back() : 0.0);
        }
    for (const char* precision : precisions) {
        const double speed = bench::median(own[precision]);
        std::printf("%s: %.1f tokens/s", precision, speed);
        if (has_peer) std::printf(", llama.cpp %.1f: %.2f times", bench::median(peer[precision]), speed / bench::median(peer[precision]));
        std::printf("\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const bench::TemporaryFolder folder;
    Task task;
    task.folder = folder.path();
    if (argc > 1) task.new_tokens = std::atoi(argv[1]);
    if (argc > 2) task.rounds = std::atoi(argv[2]);
    if (argc > 3) task.layers = argv[3];
    set_up_cpu(0);
    measure(task);
    return 0;
}
