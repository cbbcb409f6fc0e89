// `generate`: text from a model, as it comes on a terminal or as JSON with probabilities.

#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/config/SamplingConfig.h"
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
    SamplingConfig& sampling = call->sampling;
    verb.add_option("--model", call->model, "\"starter\", a Hugging Face folder or PROJECT:RUN").capture_default_str();
    verb.add_option("--prompt", call->prompts, "Text to go on from; may be given again").repeatable();
    verb.add_option("--problem", call->problems, "A problem, put into the template; may be given again").repeatable();
    verb.add_option("--project", call->project, "The project whose template is used with --problem").type_name("PROJECT");
    verb.add_option("--max_new_tokens", sampling.max_new_tokens, "At most so many tokens").capture_default_str();
    verb.add_flag("--do_sample", sampling.do_sample, "Draw tokens instead of taking the most probable");
    verb.add_option("--temperature", sampling.temperature, "Above 0; logits are divided by it").capture_default_str();
    verb.add_option("--top_k", sampling.top_k, "Keep the k most probable; 0: all").capture_default_str();
    verb.add_option("--top_p", sampling.top_p, "Keep the most probable that reach this share; 1: all").capture_default_str();
    verb.add_option("--min_p", sampling.min_p, "Keep what has this share of the top probability; 0: all").capture_default_str();
    verb.add_option("--typical_p", sampling.typical_p, "Locally typical sampling; 1: off").capture_default_str();
    verb.add_option("--repetition_penalty", sampling.repetition_penalty, "1: none").capture_default_str();
    verb.add_option("--no_repeat_ngram_size", sampling.no_repeat_ngram_size, "No n-gram of this size twice; 0: may").capture_default_str();
    verb.add_option("--num_beams", sampling.num_beams, "Above 1: beam search").capture_default_str();
    verb.add_option("--length_penalty", sampling.length_penalty, "Of beam search").capture_default_str();
    verb.add_option("--stop", sampling.stop_strings, "Text that ends generation; may be given again").repeatable();
    verb.add_option("--seed", sampling.seed, "Of sampling").capture_default_str();
    verb.add_option("--alternatives", call->top_k_shown, "With --json: how many other tokens to tell at each place").capture_default_str();
    verb.add_option("--threads", call->threads, "0: one for each core").range(0, 4096);
}

}  // namespace lossmith::cli
