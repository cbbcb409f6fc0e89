// What a run is reckoned to take against what it then takes: `bench_estimate [ROWS.csv] [STEPS] [CONFIGURATION …]`.
//
// Thirteen configurations, each on GPT-2's own size unless said, of STEPS steps (30) on rows of GSM8K. Memory is the peak of the run's
// process; time is that of the process.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/base/Json.h"
#include "tests/bench/support/Child.h"
#include "tests/bench/support/StepTokens.h"
#include "tests/bench/support/Workplace.h"

using namespace lossmith;

namespace {

namespace fs = std::filesystem;
using bench::cli;
using bench::expect;

struct Configuration {
    const char* name;
    const char* layers;  ///< of a model of GPT-2's width; empty: the starter model
    std::vector<std::string> fields;
};

const std::vector<Configuration>& configurations() {
    static const std::vector<Configuration> all = {
        {"starter, batch 8", "", {"per_device_train_batch_size=8"}},
        {"starter, batch 32, bf16", "", {"per_device_train_batch_size=32", "bf16=true"}},
        {"starter, batch 4, problem labelled", "", {"per_device_train_batch_size=4", "template.labels=problem_too"}},
        {"6 layers, batch 8", "6", {"per_device_train_batch_size=8"}},
        {"6 layers, batch 16, bf16, no dropout", "6", {"per_device_train_batch_size=16", "bf16=true", "dropout=0"}},
        {"124M, batch 4", "12", {"per_device_train_batch_size=4"}},
        {"124M, batch 4, bf16", "12", {"per_device_train_batch_size=4", "bf16=true"}},
        {"124M, batch 1 × 4", "12", {"per_device_train_batch_size=1", "gradient_accumulation_steps=4"}},
        {"124M, batch 8, checkpointing", "12", {"per_device_train_batch_size=8", "gradient_checkpointing=true"}},
        {"124M, batch 4, KL to base, bf16", "12", {"per_device_train_batch_size=4", "bf16=true", "loss.name=kl_to_base"}},
        {"124M, batch 4, bf16, padded to 256",
         "12",
         {"per_device_train_batch_size=4", "bf16=true", "max_length=256", "padding=max_length"}},
        {"124M, batch 4, LoRA on all matrices",
         "12",
         {"per_device_train_batch_size=4", "lora.target_modules=[\"c_attn\",\"c_proj\",\"c_fc\"]"}},
        {"124M, batch 2, two processes", "12", {"per_device_train_batch_size=2", "nproc_per_node=2"}},
    };
    return all;
}

struct Pair {
    double reckoned = 0.0, taken = 0.0;
    [[nodiscard]] double error() const { return 100.0 * (reckoned / taken - 1.0); }
};

struct Row {
    Pair memory, seconds;
};

/// Of all steps, from those after the first three: until then memory is new to the process.
double seconds_of_steps(const std::string& project, const std::string& run, const RunConfig& config) {
    constexpr std::int64_t warm_up_steps = 3;
    const std::vector<std::int64_t> tokens = bench::tokens_of_steps(project, config);
    double all = 0.0;
    for (const std::int64_t count : tokens) all += static_cast<double>(count);
    double counted = 0.0;
    double seconds = 0.0;
    for (const Json& metric : expect(parse_json(bench::run_or_exit({cli(), "metrics", project, run, "--json"}).output))) {
        const auto step = metric.at("step").get<std::int64_t>();
        if (metric.at("name") != "tokens_per_second" || step <= warm_up_steps) continue;
        const auto count = static_cast<double>(tokens.at(static_cast<std::size_t>(step - 1)));
        counted += count;
        seconds += count / metric.at("value").get<double>();
    }
    return seconds * all / counted;
}

Row measure(const fs::path& folder, const Configuration& configuration, const std::string& steps) {
    const std::string project = (folder / "bench.lossmith").string();
    std::string model = "starter";
    if (*configuration.layers != '\0') {
        model = (folder / (std::string("model-") + configuration.layers)).string();
        if (!fs::exists(model)) bench::run_or_exit({cli(), "new-model", model, "--n_layer", configuration.layers});
    }
    const std::string many = *configuration.layers == '\0' ? std::to_string(3 * std::stoll(steps)) : steps;
    std::vector<std::string> fields = {"--set", "model=" + model, "--set", "max_steps=" + many, "--set", "eval_steps=100000", "--json"};
    for (const std::string& field : configuration.fields) fields.insert(fields.end(), {"--set", field});
    std::vector<std::string> words = {cli(), "estimate", project};
    words.insert(words.end(), fields.begin(), fields.end());
    const Json reckoned = expect(parse_json(bench::run_or_exit(words).output));
    words[1] = "train";
    const auto trained = bench::run_or_exit(words);
    const std::string run = std::to_string(expect(parse_json(trained.output)).at("run").get<std::int64_t>());
    const Json shown = expect(parse_json(bench::run_or_exit({cli(), "runs", project, "--run", run, "--json"}).output));
    fs::remove_all(folder / "bench.files" / ("run-" + run));
    const Json& recorded = shown.contains("run") && shown.at("run").is_object() ? shown.at("run") : shown;
    const auto processes = recorded.at("config").at("nproc_per_node").get<double>();
    Row row;
    row.memory = {reckoned.at("memory_bytes").get<double>() / 1e6, processes * trained.peak_megabytes * 1.048576};
    const RunConfig config = expect(run_config_from_json(recorded.at("config")));
    row.seconds = {reckoned.at("steps_seconds").get<double>(), seconds_of_steps(project, run, config)};
    return row;
}

}  // namespace

int main(int argc, char** argv) {
    const fs::path rows = argc > 1 ? argv[1] : LOSSMITH_SOURCE "/tests/bench/training/gsm8k.csv";
    const std::string steps = argc > 2 ? argv[2] : "30";
    std::set<std::size_t> wanted;
    for (int i = 3; i < argc; ++i) wanted.insert(std::strtoul(argv[i], nullptr, 10));
    const bench::TemporaryFolder temporary;
    const fs::path& folder = temporary.path();
    bench::run_or_exit({cli(), "import", (folder / "bench.lossmith").string(), rows.string(), "--validation", "0", "--keep-duplicates"});
    std::printf("%-40s %27s %27s\n", "", "memory: reckoned, taken (MB)", "time: reckoned, taken (s)");
    for (std::size_t i = 0; i < configurations().size(); ++i) {
        if (!wanted.empty() && !wanted.contains(i + 1)) continue;
        const Row row = measure(folder, configurations()[i], steps);
        std::printf("%2zu %-37s %9.0f %9.0f %+6.1f %% %9.1f %9.1f %+6.1f %%\n", i + 1, configurations()[i].name, row.memory.reckoned,
                    row.memory.taken, row.memory.error(), row.seconds.reckoned, row.seconds.taken, row.seconds.error());
        std::fflush(stdout);
    }
    return 0;
}
