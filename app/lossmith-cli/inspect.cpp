// `inspect`: what a model makes of a text, token by token, place by place, layer by layer, or beside another model.
#include "core/engine/inspection/Inspect.h"

#include <sstream>

#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/inspection_questions.h"
#include "app/lossmith-cli/inspection_tables.h"
#include "core/config/RunConfig.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/model/Safetensors.h"

namespace lossmith::cli {
namespace {

struct InspectCall {
    std::string model = "starter";
    std::string project;
    std::string text, ids, problem, solution;
    int top_k = 5;
    std::string logits_file;
    std::int64_t place = 0;
    std::string find;
    std::vector<std::string> sampling;
    bool lens = false;
    std::string attention;
    std::int64_t attribution = 0;
    std::string method = "gradient_x_input";
    int steps = 32;
    std::string against;
    std::string odds;
    std::string split = "validation";
    int rows = 200;
};

/// "1,2,3" with `between` a comma; one number at least.
Result<std::vector<TokenId>> numbers_in(const std::string& text, char between, const std::string& hint) {
    std::vector<TokenId> numbers;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, between);) {
        try {
            std::size_t used = 0;
            numbers.push_back(std::stoi(part, &used));
            if (part.find_first_not_of(" \t", used) != std::string::npos) throw std::invalid_argument(part);
        } catch (const std::exception&) {
            return failure(Error::bad_input("\"" + part + "\" is not a number.").with_hint(hint));
        }
    }
    return numbers;
}

/// --set NAME=VALUE of the sampling, as `train --set sampling.NAME=VALUE` takes it.
Result<SamplingConfig> sampling_of(const InspectCall& call) {
    RunConfig config;
    for (const std::string& assignment : call.sampling) LOSSMITH_CHECK(set_field(config, "sampling." + assignment));
    return config.sampling;
}

/// What every question is asked with.
Result<Json> params_of(const InspectCall& call) {
    Json params = {{"top_k", call.top_k}};
    if (!call.project.empty()) params["project"] = call.project;
    // The project whose template is used with a problem: the one named, or the run's own.
    const auto colon = call.model.rfind(':');
    if (call.project.empty() && !call.problem.empty() && colon != std::string::npos) params["project"] = call.model.substr(0, colon);
    if (call.against.empty()) {
        params["model"] = call.model;
    } else {
        params["base"] = call.against;
        params["tuned"] = call.model;
    }
    if (!call.text.empty()) params["text"] = call.text;
    if (!call.ids.empty()) params["ids"] = LOSSMITH_TRY(numbers_in(call.ids, ',', "Write ids with commas between: --ids 1,2,3"));
    if (!call.problem.empty()) params["problem"] = call.problem;
    if (!call.solution.empty()) params["solution"] = call.solution;
    return params;
}

Status check(const InspectCall& call) {
    const int texts = int{!call.text.empty()} + int{!call.ids.empty()} + int{!call.problem.empty()};
    if (call.odds.empty() && texts != 1) return failure(Error::bad_input("Give one of --text, --ids and --problem."));
    if (!call.odds.empty() && texts != 0) return failure(Error::bad_input("--odds reads a project's rows, so it takes no text."));
    if (!call.odds.empty() && call.against.empty())
        return failure(Error::bad_input("--odds compares two models.").with_hint("Name the one before tuning with --against."));
    const int questions = int{call.place > 0} + int{call.lens} + int{!call.attention.empty()} + int{call.attribution > 0} +
                          int{!call.against.empty()} + int{!call.logits_file.empty()};
    if (questions > 1)
        return failure(Error::bad_input("Ask for one of --place, --lens, --attention, --attribution, --against and --logits at a time."));
    return {};
}

/// A question's answer, printed as JSON or through its table.
template <typename InTable>
Status tell(const Json& answer, const Context& context, InTable&& in_table) {
    if (context.json())
        context.print_json(answer);
    else
        context.print(in_table());
    return {};
}

/// The text's tokens, to be shown beside what is told of them.
Result<Json> tokens_of(Json params, engine::ModelCache& models, const Context& context) {
    params["top_k"] = 0;
    Json answer = LOSSMITH_TRY(ask_inspect(params, models, context.cancelled()));
    return std::move(answer["tokens"]);
}

Status write_logits(const Json& tokens, const InspectCall& call, engine::ModelCache& models) {
    std::vector<TokenId> ids;
    for (const Json& token : tokens) ids.push_back(token.at("id").get<TokenId>());
    const auto loaded = LOSSMITH_TRY(models.get(call.model, nullptr));
    const at::Tensor logits = LOSSMITH_TRY(engine::text_logits(loaded->model, ids));
    return engine::write_safetensors(call.logits_file, {{"logits", logits}});
}

Status tell_odds(const InspectCall& call, Json params, engine::ModelCache& models, const Context& context) {
    params["project"] = call.odds;
    params["split"] = call.split;
    params["rows"] = call.rows;
    const ProgressSink progress = context.progress();
    const News news = [&progress](const Json& value) {
        progress({"reading rows", value.at("done").get<std::int64_t>(), value.at("total").get<std::int64_t>()});
    };
    const Json answer = LOSSMITH_TRY(ask_odds(params, models, progress ? news : News{}, context.cancelled()));
    return tell(answer, context, [&] { return odds_table(answer); });
}

Status tell_of_layers(const InspectCall& call, Json params, engine::ModelCache& models, const Context& context) {
    const Json tokens = LOSSMITH_TRY(tokens_of(params, models, context));
    if (call.lens) {
        const Json answer = LOSSMITH_TRY(ask_lens(params, models, context.cancelled()));
        return tell(answer, context, [&] { return lens_table(answer, tokens); });
    }
    const std::string hint = "Write a layer, or a layer and a head: --attention 3 or --attention 3:0";
    const auto numbers = LOSSMITH_TRY(numbers_in(call.attention, ':', hint));
    if (numbers.empty() || numbers.size() > 2) return failure(Error::bad_input("--attention takes a layer and a head.").with_hint(hint));
    params["layer"] = numbers[0];
    if (numbers.size() > 1) params["head"] = numbers[1];
    const Json answer = LOSSMITH_TRY(ask_attention(params, models, context.cancelled()));
    return tell(answer, context, [&] { return attention_table(answer, tokens); });
}

Status tell_of_place(const InspectCall& call, Json params, engine::ModelCache& models, const Context& context) {
    if (call.place > 0) {
        params["place"] = call.place;
        params["find"] = call.find;
        if (!call.sampling.empty()) params["sampling"] = LOSSMITH_TRY(sampling_of(call));
        const Json answer = LOSSMITH_TRY(ask_place(params, models, context.cancelled()));
        return tell(answer, context, [&] { return place_table(answer); });
    }
    const Json tokens = LOSSMITH_TRY(tokens_of(params, models, context));
    params["place"] = call.attribution;
    params["method"] = call.method;
    params["steps"] = call.steps;
    const Json answer = LOSSMITH_TRY(ask_attribution(params, models, context.cancelled()));
    return tell(answer, context, [&] { return attribution_table(answer, tokens); });
}

Status run_inspect(const InspectCall& call, const Context& context) {
    LOSSMITH_CHECK(check(call));
    const Json params = LOSSMITH_TRY(params_of(call));
    engine::set_up_cpu(0);
    engine::ModelCache models;
    if (!call.odds.empty()) return tell_odds(call, params, models, context);
    if (!call.against.empty()) {
        const Json answer = LOSSMITH_TRY(ask_difference(params, models, context.cancelled()));
        return tell(answer, context, [&] { return difference_table(answer); });
    }
    if (call.place > 0 || call.attribution > 0) return tell_of_place(call, params, models, context);
    if (call.lens || !call.attention.empty()) return tell_of_layers(call, params, models, context);
    const Json answer = LOSSMITH_TRY(ask_inspect(params, models, context.cancelled()));
    if (!call.logits_file.empty()) LOSSMITH_CHECK(write_logits(answer.at("tokens"), call, models));
    return tell(answer, context, [&] { return inspection_table(answer); });
}

}  // namespace

void add_inspect(CLI::App& app, Context& context) {
    auto call = std::make_shared<InspectCall>();
    Verb verb =
        context.add_verb(app, "inspect", "What a model makes of a text: probabilities, ranks, filters, layers, attention, attribution.",
                         [call, &context] { return run_inspect(*call, context); });
    verb.add_option("--model", call->model, "\"starter\", a Hugging Face folder or PROJECT:RUN").capture_default_str();
    verb.add_option("--text", call->text, "The text; a special token written out is that token");
    verb.add_option("--ids", call->ids, "Token ids, with commas between").type_name("1,2,3");
    const Option problem = verb.add_option("--problem", call->problem, "A problem, put into the template as training does");
    verb.add_option("--solution", call->solution, "Its solution").needs(problem);
    verb.add_option("--project", call->project, "The project whose template is used with --problem").type_name("PROJECT");
    verb.add_option("--top-k", call->top_k, "How many alternatives at each place").range(0, 1000).capture_default_str();
    verb.add_option("--logits", call->logits_file, "Writes all logits [tokens, vocabulary] here").type_name("FILE.safetensors");
    const Option place = verb.add_option("--place", call->place, "The whole distribution that predicts token N; N = tokens: the next one")
                             .type_name("N")
                             .positive();
    verb.add_option("--find", call->find, "Tokens with this in their text, wherever they rank").needs(place);
    verb.add_option("--set", call->sampling, "A setting of sampling, e.g. do_sample=true or top_k=40: what its filters leave")
        .type_name("NAME=VALUE")
        .repeatable()
        .needs(place);
    verb.add_flag("--lens", call->lens, "What each layer would say (logit lens)");
    verb.add_option("--attention", call->attention, "Attention of a layer, or of one head of it, counted from 0").type_name("LAYER[:HEAD]");
    const Option attribution =
        verb.add_option("--attribution", call->attribution, "Which input tokens the loss at token N comes from").type_name("N").positive();
    verb.add_option("--method", call->method, "gradient_x_input or integrated_gradients").needs(attribution).capture_default_str();
    verb.add_option("--steps", call->steps, "Of integrated gradients").range(1, 1000).needs(attribution).capture_default_str();
    verb.add_option("--against", call->against, "The model before tuning: what differs").type_name("MODEL");
    const Option odds =
        verb.add_option("--odds", call->odds, "The tokens whose odds changed most over this project's rows").type_name("PROJECT");
    verb.add_option("--split", call->split, "Which rows").one_of({"train", "validation", "test"}).needs(odds).capture_default_str();
    verb.add_option("--rows", call->rows, "At most so many").range(1, 1'000'000).needs(odds).capture_default_str();
}

}  // namespace lossmith::cli
