// `samples`: what a run wrote from its fixed prompts as it learnt, and how probable their true solutions became.
#include <algorithm>
#include <cmath>
#include <memory>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

namespace lossmith::cli {
namespace {

constexpr std::size_t most_steps_shown = 8;

struct SamplesCall {
    std::string project;
    std::int64_t run = 0;
    std::int64_t prompt = 0;
};

Json sample_json(const Sample& sample) {
    return {{"step", sample.step},         {"prompt", sample.prompt}, {"problem", sample.problem},
            {"solution", sample.solution}, {"text", sample.text},     {"tokens", sample.tokens}};
}

bool is_labelled(const Json& token) {
    return token.is_object() && token.value("labelled", Json()) == Json(true);
}

/// Mean loss of the labelled tokens, nats; "-" where none was kept.
std::string solution_loss(const Sample& sample) {
    double sum = 0.0;
    int count = 0;
    for (const Json& token : sample.tokens) {
        const double probability = number_or_zero(token, "probability");
        if (!is_labelled(token) || probability <= 0.0) continue;
        sum -= std::log(probability);
        ++count;
    }
    return count > 0 ? three_places(sum / count) : "-";
}

std::string samples_in_rows(const std::vector<Sample>& samples) {
    Table table({"step", "prompt", "loss of the true solution", "problem", "text"});
    for (const Sample& sample : samples)
        table.add({std::to_string(sample.step), std::to_string(sample.prompt + 1), solution_loss(sample), sample.problem, sample.text});
    return table.text();
}

/// A line a token, a column a step: steps spread evenly where there are more than fit, the first and the last among them.
std::string tokens_over_steps(const std::vector<Sample>& samples) {
    std::vector<const Sample*> shown;
    const std::size_t columns = std::min(most_steps_shown, samples.size());
    for (std::size_t i = 0; i < columns; ++i) shown.push_back(&samples[columns == 1 ? 0 : i * (samples.size() - 1) / (columns - 1)]);
    std::vector<std::string> headings = {"labelled", "token"};
    for (const Sample* sample : shown) headings.push_back("step " + std::to_string(sample->step));
    Table table(headings);
    const Json& tokens = shown.front()->tokens;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        std::vector<std::string> cells = {is_labelled(tokens[t]) ? "yes" : "",
                                          Json(string_or_empty(tokens[t], "text")).dump(-1, ' ', false, Json::error_handler_t::replace)};
        for (const Sample* sample : shown)
            cells.push_back(t > 0 && t < sample->tokens.size() ? three_places(number_or_zero(sample->tokens[t], "probability")) : "-");
        table.add(std::move(cells));
    }
    return table.text();
}

Status show_samples(const SamplesCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    LOSSMITH_CHECK(project->runs().run(call.run));
    std::vector<Sample> samples = LOSSMITH_TRY(project->runs().samples(call.run));
    if (call.prompt > 0) {
        std::erase_if(samples, [&call](const Sample& sample) { return sample.prompt + 1 != call.prompt; });
        if (samples.empty())
            return failure(
                Error::not_found("Run " + std::to_string(call.run) + " has no sample of prompt " + std::to_string(call.prompt) + "."));
    }
    if (context.json()) {
        Json answer = Json::array();
        for (const Sample& sample : samples) answer.push_back(sample_json(sample));
        context.print_json(answer);
    } else if (samples.empty()) {
        context.print("No samples yet.\n");
    } else {
        context.print(samples_in_rows(samples));
        if (call.prompt > 0) context.print("\nProbabilities\n" + tokens_over_steps(samples));
    }
    return {};
}

}  // namespace

void add_samples(CLI::App& app, Context& context) {
    const auto call = std::make_shared<SamplesCall>();
    Verb verb = context.add_verb(app, "samples", "What a run wrote from its fixed prompts, and how probable their true solutions were.",
                                 [call, &context] { return show_samples(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("run", call->run, "The run's number").required().type_name("RUN");
    verb.add_option("--prompt", call->prompt, "Only this prompt, from 1, and its tokens' probabilities from step to step")
        .type_name("N")
        .positive();
}

}  // namespace lossmith::cli
