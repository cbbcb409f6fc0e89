// `estimate`: what a run will take, before it starts.
#include <cstdio>

#include "app/lossmith-cli/ConfigOptions.h"
#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/engine/devices/Devices.h"

namespace lossmith::cli {
namespace {

struct EstimateCall {
    std::string project;
    ConfigOptions config;
};

Status run_estimate(const EstimateCall& call, const Context& context) {
    const RunConfig config = LOSSMITH_TRY(config_from(call.config));
    engine::set_up_cpu(config.threads);
    const Json answer = LOSSMITH_TRY(ask_estimate({{"project", call.project}, {"config", config}}, context.cancelled()));
    if (context.json()) {
        context.print_json(answer);
        return {};
    }
    char text[400];
    const auto share = [&answer](const char* name) {
        return 100.0 * answer.at(name).get<double>() /
               (answer.at("labelled_tokens").get<double>() + answer.at("prompt_tokens").get<double>());
    };
    std::snprintf(text, sizeof text,
                  "steps     %lld over %lld examples\ntime      about %.0f s\nmemory    about %.2f GiB\ndisk      %.0f MiB\nlabelled  %.0f "
                  "%% of the tokens\npadding   %.1f %% of what is computed\n",
                  answer.at("steps").get<long long>(), answer.at("examples").get<long long>(), answer.at("seconds").get<double>(),
                  answer.at("memory_bytes").get<double>() / (1U << 30U), answer.at("disk_bytes").get<double>() / (1U << 20U),
                  share("labelled_tokens"), 100.0 * answer.at("padding_tokens").get<double>() / answer.at("tokens").get<double>());
    context.print(text);
    if (const auto& advice = answer.at("advice").get_ref<const std::string&>(); !advice.empty()) {
        context.print("\n" + advice + "\n");
        for (const auto& [name, value] : answer.at("changes").items()) context.print("  --set " + name + "=" + value.dump() + "\n");
    }
    return {};
}

}  // namespace

void add_estimate(CLI::App& app, Context& context) {
    auto call = std::make_shared<EstimateCall>();
    Verb verb = context.add_verb(app, "estimate", "Memory, time and disk of a run, before it starts.",
                                 [call, &context] { return run_estimate(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    add_config_options(verb, call->config);
}

}  // namespace lossmith::cli
