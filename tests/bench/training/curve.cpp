// What bfloat16 changes in how a model learns: `bench_curve [ROWS.csv] [STEPS] [MODEL] [BATCH]`.
//
// The same model learns the same rows three times in fp32, each time with another seed (order of the rows, dropout), and once in bf16 with
// the first seed. The validation loss of all four is taken twenty times on the way; bfloat16 is harmless where it lies no further from the
// fp32 run of its own seed than the seeds lie from one another. MODEL is a folder; without one, GPT-2's size with random weights.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/Workplace.h"

namespace {

namespace fs = std::filesystem;
using bench::cli;
using bench::expect;
using lossmith::Json;
using lossmith::parse_json;

constexpr int points = 20;

struct Task {
    fs::path folder;
    std::string model;
    std::int64_t steps = 200;
    std::string batch = "4";

    [[nodiscard]] std::string project() const { return (folder / "bench.lossmith").string(); }
};

/// Validation loss by step.
using Curve = std::map<std::int64_t, double>;

Curve learn(const Task& task, int seed, bool bf16) {
    std::vector<std::string> words = {cli(), "train", task.project(), "--json"};
    for (const std::string& field :
         {"model=" + task.model, "max_steps=" + std::to_string(task.steps), "eval_steps=" + std::to_string(task.steps / points),
          "save_steps=" + std::to_string(task.steps), std::string("sample_prompts=0"), "per_device_train_batch_size=" + task.batch,
          "seed=" + std::to_string(seed), std::string(bf16 ? "bf16=true" : "bf16=false")})
        words.insert(words.end(), {"--set", field});
    const std::string run = std::to_string(expect(parse_json(bench::run_or_exit(words).output)).at("run").get<std::int64_t>());
    Curve curve;
    for (const Json& metric : expect(parse_json(bench::run_or_exit({cli(), "metrics", task.project(), run, "--json"}).output)))
        if (metric.at("name") == "validation/loss") curve[metric.at("step").get<std::int64_t>()] = metric.at("value").get<double>();
    fs::remove_all(task.folder / "bench.files" / ("run-" + run));
    if (curve.empty()) bench::give_up("Run " + run + " has no validation loss.");
    std::fprintf(stderr, "%s, seed %d: %.4f after %lld steps\n", bf16 ? "bf16" : "fp32", seed, curve.rbegin()->second,
                 static_cast<long long>(curve.rbegin()->first));
    return curve;
}

}  // namespace

int main(int argc, char** argv) {
    const bench::TemporaryFolder folder;
    Task task{folder.path(), (folder.path() / "model").string()};
    const fs::path rows = argc > 1 ? argv[1] : LOSSMITH_SOURCE "/tests/bench/training/gsm8k.csv";
    if (argc > 2) task.steps = std::strtoll(argv[2], nullptr, 10);
    if (argc > 4) task.batch = argv[4];
    if (task.steps < points) bench::give_up("Twenty steps are needed at least.");
    if (argc > 3)
        task.model = argv[3];
    else
        bench::run_or_exit({cli(), "new-model", task.model});
    bench::run_or_exit({cli(), "import", task.project(), rows.string(), "--validation", "0.1", "--keep-duplicates"});

    std::vector<Curve> seeds;
    for (const int seed : {1, 2, 3}) seeds.push_back(learn(task, seed, false));
    const Curve bf16 = learn(task, 1, true);
    std::printf("%6s %10s %10s %10s %10s %10s %10s\n", "step", "seed 1", "seed 2", "seed 3", "bf16", "moved by", "spread");
    double most_moved = 0.0;
    double widest = 0.0;
    for (const auto& [step, loss] : bf16) {
        const auto [least, most] = std::minmax({seeds[0].at(step), seeds[1].at(step), seeds[2].at(step)});
        const double moved = loss - seeds[0].at(step);
        most_moved = std::max(most_moved, std::abs(moved));
        widest = std::max(widest, most - least);
        std::printf("%6lld %10.4f %10.4f %10.4f %10.4f %+10.4f %10.4f\n", static_cast<long long>(step), seeds[0].at(step),
                    seeds[1].at(step), seeds[2].at(step), loss, moved, most - least);
    }
    std::printf("bf16 moves the loss by at most %.4f; the seeds by at most %.4f.\n", most_moved, widest);
    return 0;
}
