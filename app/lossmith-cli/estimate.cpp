// `estimate`: what a run will take, before it starts.
#include <cstdio>

#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/config/RunConfig.h"
#include "core/engine/devices/Devices.h"

namespace lossmith::cli {
namespace {

struct EstimateCall {
    std::string project;
    std::string config;
    std::vector<std::string> assignments;
};

Status run_estimate(const EstimateCall& call, const Context& context) {
    RunConfig config;
    if (!call.config.empty()) {
        const Json json = LOSSMITH_TRY(read_json_file(call.config));
        config = LOSSMITH_TRY(run_config_from_json(json));
    }
    for (const std::string& assignment : call.assignments) LOSSMITH_CHECK(set_field(config, assignment));
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
    verb.add_option("--config", call->config, "A run's config as JSON").type_name("FILE");
    verb.add_option("--set", call->assignments, "One field of the config; may be given again").type_name("KEY=VALUE").repeatable();
}

}  // namespace lossmith::cli
