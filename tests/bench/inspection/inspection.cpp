// What inspecting a text costs beside one forward pass of the same text, on GPT-2's own size with random weights:
// `bench_inspection [ROUNDS] [TOKENS] [N_LAYER]`.
//
// A forward pass is hidden states and logits at all places. Inspecting is `inspect` as the window asks it: probability, rank, entropy and
// the five most probable of every token, down to the text of the JSON answer. Both in turn; medians, of the ratio too: each inspection is
// held against the forward pass right before it, so that other work on the machine counts for both.
#include <ATen/core/grad_mode.h>

#include <cstdio>
#include <cstdlib>

#include "core/base/Files.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/inspection/Inspect.h"
#include "core/engine/inspection/Places.h"
#include "core/engine/model/Checkpoint.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/Workplace.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

using bench::expect;

constexpr int alternatives = 5;

double forward_seconds(const Gpt2& model, const at::Tensor& text) {
    const at::NoGradGuard no_graph;
    const auto begin = bench::Clock::now();
    static_cast<void>(model.logits(model.hidden(text)));
    return bench::seconds_since(begin);
}

double inspect_seconds(const Gpt2& model, const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
    const auto begin = bench::Clock::now();
    const std::string answer =
        inspection_json(expect(inspect(model, ids, alternatives)), tokenizer).dump(-1, ' ', false, Json::error_handler_t::replace);
    const double seconds = bench::seconds_since(begin);
    if (answer.size() < ids.size()) std::exit(1);
    return seconds;
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
    const auto tokens = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 1000);
    Gpt2Config config;
    if (argc > 3) config.n_layer = std::atoi(argv[3]);
    set_up_cpu(0);
    const auto tokenizer = expect(Tokenizer::gpt2());
    std::vector<TokenId> ids = tokenizer->encode(expect(read_file(LOSSMITH_SOURCE "/tests/bench/training/gsm8k.csv")));
    ids.resize(std::min(ids.size(), tokens));
    const Gpt2 model = Gpt2::from_checkpoint(expect(new_checkpoint(config, 1)));
    const at::Tensor text = expect(text_tensor(model, ids));
    std::vector<double> forward, inspected, ratios;
    forward_seconds(model, text);
    inspect_seconds(model, *tokenizer, ids);
    for (int round = 0; round < rounds; ++round) {
        forward.push_back(forward_seconds(model, text));
        inspected.push_back(inspect_seconds(model, *tokenizer, ids));
        ratios.push_back(inspected.back() / forward.back());
    }
    std::printf("%zu tokens: forward %.3f s, inspect %.3f s: %.3f times\n", ids.size(), bench::median(forward), bench::median(inspected),
                bench::median(ratios));
    return 0;
}
