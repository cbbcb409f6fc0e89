// Generating for many prompts, as a comparison does: two models of GPT-2's own size with random weights, the problems of GSM8K through the
// template, greedy, and Hugging Face's generate() in batches of eight on the same where LOSSMITH_PEER_PYTHON names a Python with it:
// `bench_generation [PROMPTS] [NEW_TOKENS] [ROUNDS] [N_LAYER]`.
//
// Nothing ends before its NEW_TOKENS are there, on either side. New tokens a second over the whole, prompts read included; the peer is
// measured on the first prompts, for two minutes a round. Both in turn, medians.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/data/Import.h"
#include "core/data/Template.h"
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

constexpr int peer_limit_seconds = 120;

struct Task {
    fs::path folder;
    std::size_t prompts = 200;
    int new_tokens = 64;
    int rounds = 2;
    std::string layers = "12";
};

using Ids = std::vector<std::vector<TokenId>>;

Ids prompts_of(std::size_t count, const Tokenizer& tokenizer) {
    const fs::path file = LOSSMITH_SOURCE "/tests/bench/training/gsm8k.csv";
    const ImportGuess guess = expect(guess_import(file));
    Ids prompts;
    const RowSink sink{[&](const SourceRow& row) -> Status {
                           if (prompts.size() < count) prompts.push_back(expect(encode_prompt(TemplateSpec{}, tokenizer, row.problem)));
                           return {};
                       },
                       [](const SetAsideRow&) -> Status { return {}; }};
    static_cast<void>(expect(read_rows(file, guess.options, sink)));
    return prompts;
}

/// New tokens a second over both models.
double own_speed(const std::vector<LoadedModel>& models, const GenerationRequest& request, Ids& generated) {
    std::size_t tokens = 0;
    const auto begin = bench::Clock::now();
    for (const LoadedModel& model : models) {
        generated.clear();
        for (GeneratedText& text : expect(generate(model.model, *model.tokenizer, request))) {
            tokens += text.ids.size();
            generated.push_back(std::move(text.ids));
        }
    }
    return static_cast<double>(tokens) / bench::seconds_since(begin);
}

/// The same of the peer, and how many of its texts are `ours`, token by token.
double peer_speed(const Task& task, const std::string& python, const std::string& model, const Ids& ours) {
    const auto outcome =
        bench::run_or_exit({python, LOSSMITH_SOURCE "/tests/bench/generation/hf_generate.py", model,
                            (task.folder / "prompts.json").string(), std::to_string(task.new_tokens), std::to_string(peer_limit_seconds)});
    const Json answer = expect(parse_json(outcome.output.substr(outcome.output.rfind("{\"tokens_per_second"))));
    std::size_t alike = 0;
    for (std::size_t i = 0; i < answer.at("ids").size(); ++i) alike += answer.at("ids")[i] == Json(ours.at(i)) ? 1U : 0U;
    std::fprintf(stderr, "peer: %zu prompts, %zu of them with our very tokens\n", answer.at("ids").size(), alike);
    return answer.at("tokens_per_second").get<double>();
}

void measure(const Task& task) {
    std::vector<LoadedModel> models;
    for (const char* seed : {"1", "2"}) {
        const fs::path folder = task.folder / seed;
        bench::run_or_exit({LOSSMITH_BIN "/lossmith-cli", "new-model", folder.string(), "--n_layer", task.layers, "--seed", seed});
        models.push_back(expect(load_model(folder)));
    }
    GenerationRequest request;
    request.prompts = prompts_of(task.prompts, *models.front().tokenizer);
    request.sampling.max_new_tokens = task.new_tokens;
    request.sampling.stop_at_end_token = false;
    std::ofstream(task.folder / "prompts.json") << Json(request.prompts).dump();
    const auto python = bench::peer_python();
    if (!python) std::printf("LOSSMITH_PEER_PYTHON names no Python with transformers: the peer is left out.\n");
    std::vector<double> own, peer;
    for (int round = 0; round < task.rounds; ++round) {
        Ids generated;
        own.push_back(own_speed(models, request, generated));
        if (python) peer.push_back(peer_speed(task, *python, (task.folder / "2").string(), generated));
        std::fprintf(stderr, "round %d: %.0f tokens/s; peer %.0f\n", round + 1, own.back(), python ? peer.back() : 0.0);
    }
    std::printf("%zu prompts, 2 models, %d tokens each: %.0f tokens/s", request.prompts.size(), task.new_tokens, bench::median(own));
    if (python) std::printf(", peer in batches of 8 %.0f: %.2f times", bench::median(peer), bench::median(own) / bench::median(peer));
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const bench::TemporaryFolder folder;
    Task task;
    task.folder = folder.path();
    if (argc > 1) task.prompts = std::strtoull(argv[1], nullptr, 10);
    if (argc > 2) task.new_tokens = std::atoi(argv[2]);
    if (argc > 3) task.rounds = std::atoi(argv[3]);
    if (argc > 4) task.layers = argv[4];
    set_up_cpu(0);
    measure(task);
    return 0;
}
