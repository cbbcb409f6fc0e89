// `bench`: how fast a model trains on this machine, and what each part of a step takes.
#include <cstdio>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/SpeedTest.h"

namespace lossmith::cli {
namespace {

struct BenchCall {
    std::string model = "starter";
    engine::SpeedTestSetup setup;
    int threads = 0;
};

std::string decimals(double value, int places) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", places, value);
    return text;
}

Status run_bench(const BenchCall& call, const Context& context) {
    const int threads = engine::set_up_cpu(call.threads);
    for (const std::string& warning : engine::device_warnings()) context.note(warning);
    const auto folder = LOSSMITH_TRY(engine::find_model(call.model, nullptr));
    engine::LoadedModel loaded = LOSSMITH_TRY(engine::load_model(folder));
    loaded.model = loaded.model.merged();
    const engine::SpeedTest test = LOSSMITH_TRY(engine::test_speed(loaded.model, call.setup, context.cancelled(), context.progress()));
    const std::string processor = engine::devices().front().name;
    const char* precision = call.setup.bf16 ? "bf16" : "fp32";
    if (context.json()) {
        Json answer = test;
        answer["model"] = folder.string();
        answer["parameters"] = loaded.model.config().parameter_count();
        answer["precision"] = precision;
        answer["rows"] = call.setup.rows;
        answer["tokens"] = call.setup.tokens;
        answer["threads"] = threads;
        answer["device"] = processor;
        answer["torch"] = engine::torch_version();
        context.print_json(answer);
        return {};
    }
    context.print(with_commas(loaded.model.config().parameter_count()) + " parameters, " + precision + ", " +
                  std::to_string(call.setup.rows) + " rows of " + std::to_string(call.setup.tokens) + " tokens, " +
                  std::to_string(threads) + (threads == 1 ? " thread" : " threads") + " of " + processor + ", LibTorch " +
                  engine::torch_version() + "\n\n");
    context.print("tokens a second  " + decimals(test.tokens_per_second, 0) + "\na step           " + decimals(test.step_seconds, 3) +
                  " s" + "\nmatrix products  " + decimals(test.gflops, 0) + " GFLOP/s" + ", " +
                  decimals(100.0 * test.gflops / test.peak_gflops, 0) + " %" + " of the " + decimals(test.peak_gflops, 0) +
                  " that this machine reaches\npeak of memory   " + decimals(static_cast<double>(test.peak_bytes) / (1U << 20U), 0) +
                  " MiB" + "\n\n");
    for (const bool of_the_step : {true, false}) {
        Table table({of_the_step ? "part of the step" : "alone, at its shapes", "milliseconds", "share"});
        for (const engine::SpeedPart& part : test.parts)
            if (part.of_the_step == of_the_step)
                table.add({part.name, decimals(1e3 * part.seconds, 1), decimals(100.0 * part.seconds / test.step_seconds, 0) + " %"});
        context.print(table.text() + (of_the_step ? "\n" : ""));
    }
    return {};
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
    auto call = std::make_shared<BenchCall>();
    Verb verb = context.add_verb(app, "bench", "How fast a model trains on this machine, and what each part of a step takes.",
                                 [call, &context] { return run_bench(*call, context); });
    verb.add_option("--model", call->model, "A Hugging Face folder, or \"starter\"").type_name("DIR").capture_default_str();
    verb.add_flag("--bf16", call->setup.bf16, "Matrix products in bfloat16");
    verb.add_option("--batch", call->setup.rows, "Rows in a step").positive().capture_default_str();
    verb.add_option("--tokens", call->setup.tokens, "Tokens in a row, the second half labelled").positive().capture_default_str();
    verb.add_option("--steps", call->setup.steps, "Steps that are measured").positive().capture_default_str();
    verb.add_option("--threads", call->threads, "0: one for each core").non_negative().capture_default_str();
}

}  // namespace lossmith::cli
