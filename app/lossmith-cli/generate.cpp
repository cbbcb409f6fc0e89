// `generate`: text from a model, as it comes on a terminal or as JSON with probabilities.
#include "app/lossmith-cli/SamplingOptions.h"
#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/engine/devices/Devices.h"

namespace lossmith::cli {
namespace {

struct GenerateCall {
    std::string model = "starter";
    std::string project;
    std::vector<std::string> prompts;
    std::vector<std::string> problems;
    SamplingConfig sampling;
    int top_k_shown = 0;
    int threads = 0;
};

Status run_generate(const GenerateCall& call, const Context& context) {
    if (call.prompts.empty() == call.problems.empty())
        return failure(Error::bad_input("Give either --prompt or --problem.")
                           .with_hint("--prompt is read as it stands, --problem is put into the template."));
    engine::set_up_cpu(call.threads);
    Json params = {{"model", call.model}, {"sampling", call.sampling}, {"top_k", call.top_k_shown}};
    if (!call.prompts.empty()) params["prompts"] = call.prompts;
    if (!call.problems.empty()) params["problems"] = call.problems;
    // The project whose template makes the prompt: the one named, or the run's own.
    const auto colon = call.model.rfind(':');
    if (!call.project.empty())
        params["project"] = call.project;
    else if (!call.problems.empty() && colon != std::string::npos)
        params["project"] = call.model.substr(0, colon);
    engine::ModelCache models(1);
    const bool streamed = !context.json() && call.prompts.size() + call.problems.size() == 1;
    const News stream = [&context](const Json& token) { context.print(token.at("text").get<std::string>()); };
    const Json answer = LOSSMITH_TRY(ask_generate(params, models, streamed ? stream : News{}, context.cancelled()));
    if (context.json()) {
        context.print_json(answer);
    } else if (streamed) {
        context.print("\n");
    } else {
        for (const Json& one : answer)
            context.print(one.at("prompt").get<std::string>() + "\n  → " + one.at("text").get<std::string>() + "\n\n");
    }
    return {};
}

}  // namespace

void add_generate(CLI::App& app, Context& context) {
    auto call = std::make_shared<GenerateCall>();
    Verb verb = context.add_verb(app, "generate", "Text from a model.", [call, &context] { return run_generate(*call, context); });
    verb.add_option("--model", call->model, "\"starter\", a Hugging Face folder or PROJECT:RUN").capture_default_str();
    verb.add_option("--prompt", call->prompts, "Text to go on from; may be given again").repeatable();
    verb.add_option("--problem", call->problems, "A problem, put into the template; may be given again").repeatable();
    verb.add_option("--project", call->project, "The project whose template is used with --problem").type_name("PROJECT");
    add_sampling_options(verb, call->sampling);
    verb.add_option("--alternatives", call->top_k_shown, "With --json: how many other tokens to tell at each place").capture_default_str();
    verb.add_option("--threads", call->threads, "0: one for each core").range(0, 4096);
}

}  // namespace lossmith::cli
