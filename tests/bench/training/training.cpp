// Training speed and memory on GPT-2's own size, and Hugging Face's Trainer on the same work where LOSSMITH_PEER_PYTHON names a Python
// with it: `bench_training [ROWS.csv] [STEPS] [ROUNDS] [N_LAYER[xN_EMBD]] [BATCH] [DEVICE] [fp32|bf16]`. The Trainer is measured as it is;
// with the allocator that LOSSMITH_PEER_PRELOAD names (tcmalloc's library) preloaded, where it names one; and, in one round, in the forum
// thread's own set-up: every row padded to 400 tokens.
//
// Both sides take the same random weights, rows, template, labels (the solution only) and dropout (0.1), batches of four unless said. They
// meet the rows in different order: lossmith-cli puts rows of like length together, as it does by default; the Trainer takes them at random
// and pads to the longest row of the batch, as it does by default. Tokens a second are of real tokens, prompt and solution, over the
// seconds of the steps, the first three left out; memory is the peak of the process, model loading and checkpoint included, or of its
// tensors on a graphics card (DEVICE, such as cuda:0).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/config/RunConfig.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/StepTokens.h"
#include "tests/bench/support/Workplace.h"

using namespace lossmith;

namespace {

namespace fs = std::filesystem;
using bench::cli;
using bench::expect;
using bench::give_up;

constexpr std::int64_t warm_up_steps = 3;
constexpr int peer_limit_seconds = 240;  ///< of measured steps; a slower peer takes fewer of them, and one round if that took twice as long

struct Task {
    fs::path folder;
    fs::path rows;
    std::int64_t steps = 12;
    int rounds = 3;
    std::string shape = "12";
    int batch = 4;
    std::string device = "cpu";
    std::string precision;  ///< empty: both

    [[nodiscard]] std::string model() const { return (folder / "model").string(); }
    [[nodiscard]] fs::path project() const { return folder / "bench.lossmith"; }
};

struct Speed {
    double tokens_per_second = 0.0;
    double peak_megabytes = 0.0;
    double first_loss = 0.0;
    double seconds = 0.0;  ///< the process took
};

/// As many rows as the run has places for, so that both sides train on the same: whole records, quoted line ends included.
void copy_rows(const fs::path& from, const fs::path& to, std::int64_t wanted) {
    std::ifstream source(from, std::ios::binary);
    std::ofstream target(to, std::ios::binary);
    std::int64_t ends = -1;  // the header's is not counted
    bool quoted = false;
    for (char c = 0; ends < wanted && source.get(c);) {
        target.put(c);
        if (c == '"') quoted = !quoted;
        if (c == '\n' && !quoted) ++ends;
    }
    target.flush();
    if (ends < wanted || !target) give_up(from.string() + " has not the " + std::to_string(wanted) + " rows that are needed.");
}

RunConfig config_of(const Task& task, bool bf16) {
    RunConfig config;
    config.model = task.model();
    config.template_spec = TemplateSpec{};
    config.max_steps = task.steps;
    config.per_device_train_batch_size = task.batch;
    config.devices = {task.device};
    config.bf16 = bf16;
    return config;
}

Speed measure_product(const Task& task, bool bf16) {
    const RunConfig config = config_of(task, bf16);
    const fs::path file = task.folder / "config.json";
    std::ofstream(file) << Json(config).dump();
    const auto trained = bench::run_or_exit({cli(), "train", task.project().string(), "--config", file.string(), "--json"});
    const auto run = expect(parse_json(trained.output)).at("run").get<std::int64_t>();
    const auto answer = bench::run_or_exit({cli(), "metrics", task.project().string(), std::to_string(run), "--json"});
    const std::vector<std::int64_t> tokens = bench::tokens_of_steps(task.project(), config);
    Speed speed;
    double measured_tokens = 0.0;
    double seconds = 0.0;
    double on_card = 0.0;
    for (const Json& metric : expect(parse_json(answer.output))) {
        const auto step = metric.at("step").get<std::int64_t>();
        const auto value = metric.at("value").get<double>();
        if (metric.at("name") == "train/loss" && step == 1) speed.first_loss = value;
        if (metric.at("name") == "memory_bytes") on_card = std::max(on_card, value);
        if (metric.at("name") != "tokens_per_second" || step <= warm_up_steps) continue;
        const auto count = static_cast<double>(tokens.at(static_cast<std::size_t>(step - 1)));
        measured_tokens += count;
        seconds += count / value;
    }
    speed.tokens_per_second = measured_tokens / seconds;
    speed.peak_megabytes = task.device == "cpu" ? trained.peak_megabytes : on_card / 1048576.0;
    speed.seconds = trained.seconds;
    // Each checkpoint is a gigabyte and a half.
    fs::remove_all(task.folder / "bench.files" / ("run-" + std::to_string(run)));
    return speed;
}

/// A way to use the Trainer.
struct Peer {
    std::string name;
    std::string preload;  ///< a library; empty: none
    int pad_to = 0;       ///< 0: the longest row of the batch
    int most_rounds = 0;  ///< 0: as many as the product
};

std::vector<Peer> peers_of(const Task& task) {
    std::vector<Peer> peers = {{"HF Trainer", "", 0, 0}};
    if (task.device != "cpu") return peers;
    const char* preload = std::getenv("LOSSMITH_PEER_PRELOAD");
    if (preload != nullptr && *preload != 0) peers.push_back({"with " + fs::path(preload).stem().string(), preload, 0, 0});
    constexpr int of_the_thread = 400;
    peers.push_back({"padded to 400", "", of_the_thread, 1});
    return peers;
}

Speed measure_peer(const Task& task, const Peer& peer, const std::string& python, bool bf16) {
    std::vector<std::string> environment;
    if (!peer.preload.empty()) environment.push_back("LD_PRELOAD=" + peer.preload);
    const auto outcome = bench::run_or_exit(
        {python, LOSSMITH_SOURCE "/tests/bench/training/hf_trainer.py", task.model(), (task.folder / "rows.csv").string(),
         bf16 ? "bf16" : "fp32", std::to_string(task.steps), std::to_string(task.batch), std::to_string(warm_up_steps),
         std::to_string(peer_limit_seconds), task.device, std::to_string(peer.pad_to)},
        environment);
    const Json answer = expect(parse_json(outcome.output.substr(outcome.output.rfind("{\"tokens_per_second"))));
    const double peak = answer.value("card_megabytes", outcome.peak_megabytes);
    return {answer.at("tokens_per_second").get<double>(), peak, answer.at("first_loss").get<double>(), outcome.seconds};
}

Speed medians(const std::vector<Speed>& speeds) {
    std::vector<double> tokens;
    std::vector<double> peaks;
    for (const Speed& speed : speeds) {
        tokens.push_back(speed.tokens_per_second);
        peaks.push_back(speed.peak_megabytes);
    }
    return {bench::median(tokens), bench::median(peaks), speeds.empty() ? 0.0 : speeds.front().first_loss, 0.0};
}

Json in_json(const Speed& speed) {
    return {{"tokens_per_second", speed.tokens_per_second}, {"peak_megabytes", speed.peak_megabytes}, {"first_loss", speed.first_loss}};
}

void prepare(const Task& task, const fs::path& rows) {
    copy_rows(rows, task.rows, task.steps * task.batch);
    std::vector<std::string> make = {cli(), "new-model", task.model(), "--n_layer", task.shape.substr(0, task.shape.find('x'))};
    if (const auto at = task.shape.find('x'); at != std::string::npos) {
        const int width = std::atoi(task.shape.c_str() + at + 1);
        constexpr int of_a_head = 64;
        for (const std::string& word :
             {std::string("--n_embd"), std::to_string(width), std::string("--n_head"), std::to_string(width / of_a_head)})
            make.push_back(word);
    }
    bench::run_or_exit(make);
    bench::run_or_exit({cli(), "import", task.project().string(), task.rows.string(), "--validation", "0", "--keep-duplicates"});
}

void measure(const Task& task) {
    const auto python = bench::peer_python();
    if (!python) std::printf("LOSSMITH_PEER_PYTHON names no Python with transformers: the peer is left out.\n");
    Json all = {
        {"steps", task.steps}, {"warm_up_steps", warm_up_steps}, {"batch", task.batch}, {"device", task.device}, {"rounds", task.rounds}};
    std::printf("%-22s %12s %8s\n", "", "tokens/s", "MB");
    const std::vector<Peer> peers = python ? peers_of(task) : std::vector<Peer>();
    for (const bool bf16 : {false, true}) {
        if (!task.precision.empty() && (task.precision == "bf16") != bf16) continue;
        const char* precision = bf16 ? "bf16" : "fp32";
        std::vector<Speed> product;
        std::vector<std::vector<Speed>> theirs(peers.size());
        for (int round = 0; round < task.rounds; ++round) {
            product.push_back(measure_product(task, bf16));
            std::fprintf(stderr, "%s round %d: %.0f tokens/s, %.0f MB", precision, round + 1, product.back().tokens_per_second,
                         product.back().peak_megabytes);
            for (std::size_t i = 0; i < peers.size(); ++i) {
                if (peers[i].most_rounds != 0 && round >= peers[i].most_rounds) continue;
                if (!theirs[i].empty() && theirs[i].front().seconds >= 2 * peer_limit_seconds) continue;
                theirs[i].push_back(measure_peer(task, peers[i], *python, bf16));
                std::fprintf(stderr, "; %s %.0f tokens/s, %.0f MB", peers[i].name.c_str(), theirs[i].back().tokens_per_second,
                             theirs[i].back().peak_megabytes);
            }
            std::fprintf(stderr, "\n");
        }
        const Speed ours = medians(product);
        std::printf("%-22s %12.0f %8.0f\n", precision, ours.tokens_per_second, ours.peak_megabytes);
        all[precision]["lossmith"] = in_json(ours);
        for (std::size_t i = 0; i < peers.size(); ++i) {
            const Speed peer = medians(theirs[i]);
            std::printf("  %-20s %12.0f %8.0f   %.2f times as fast, %.2f of the memory\n", peers[i].name.c_str(), peer.tokens_per_second,
                        peer.peak_megabytes, ours.tokens_per_second / peer.tokens_per_second, ours.peak_megabytes / peer.peak_megabytes);
            all[precision][peers[i].name] = in_json(peer);
        }
        std::fflush(stdout);
    }
    std::printf("%s\n", all.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
    const fs::path rows = argc > 1 ? argv[1] : LOSSMITH_SOURCE "/tests/bench/training/gsm8k.csv";
    const bench::TemporaryFolder folder;
    Task task;
    task.folder = folder.path();
    task.rows = task.folder / "rows.csv";
    if (argc > 2) task.steps = std::strtoll(argv[2], nullptr, 10);
    if (argc > 3) task.rounds = std::atoi(argv[3]);
    if (argc > 4) task.shape = argv[4];
    if (argc > 5) task.batch = std::atoi(argv[5]);
    if (argc > 6) task.device = argv[6];
    if (argc > 7) task.precision = argv[7];
    if (task.steps <= warm_up_steps || task.rounds < 1) give_up("More than three steps are needed, and a round.");
    prepare(task, rows);
    measure(task);
    return 0;
}
