// `inspect`: a text under a model, token by token.
#include "core/engine/inspection/Inspect.h"

#include <cstdio>
#include <iterator>
#include <sstream>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/model/Safetensors.h"

namespace lossmith::cli {
namespace {

struct InspectCall {
    std::string model = "starter";
    std::string text;
    std::string ids;
    std::string logits_file;
    int top_k = 5;
};

Result<std::vector<TokenId>> parsed_ids(const std::string& text) {
    std::vector<TokenId> ids;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        try {
            std::size_t used = 0;
            ids.push_back(std::stoi(part, &used));
            if (part.find_first_not_of(" \t", used) != std::string::npos) throw std::invalid_argument(part);
        } catch (const std::exception&) {
            return failure(Error::bad_input("\"" + part + "\" is not a token id.").with_hint("Write ids with commas between: --ids 1,2,3"));
        }
    }
    return ids;
}

void print_table(const Json& answer, const Context& context) {
    context.print("   id  probability    rank  entropy    loss  token\n");
    for (const Json& token : answer.at("tokens")) {
        char line[160];
        if (token.at("probability").is_null())
            std::snprintf(line, sizeof line, "%5d            -       -        -       -  ", token.at("id").get<int>());
        else
            std::snprintf(line, sizeof line, "%5d  %11.6f  %6lld  %7.3f  %6.3f  ", token.at("id").get<int>(),
                          token.at("probability").get<double>(), token.at("rank").get<long long>(), token.at("entropy").get<double>(),
                          token.at("loss").get<double>());
        context.print(line + Json(token.at("text")).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    context.print("next:");
    for (const Json& one : answer.at("next"))
        context.print("  " + Json(one.at("text")).dump(-1, ' ', false, Json::error_handler_t::replace) + " " +
                      three_places(one.at("probability").get<double>()));
    context.print("\n");
}

Status run_inspect(const InspectCall& call, const Context& context) {
    if (call.text.empty() == call.ids.empty()) return failure(Error::bad_input("Give either --text or --ids."));
    engine::set_up_cpu(0);
    engine::ModelCache models(1);
    const auto loaded = LOSSMITH_TRY(models.get(call.model, nullptr));
    const auto ids = call.ids.empty() ? loaded->tokenizer->encode(call.text, SpecialTokens::AsTokens) : LOSSMITH_TRY(parsed_ids(call.ids));
    const auto inspection = LOSSMITH_TRY(engine::inspect(loaded->model, ids, call.top_k));
    if (!call.logits_file.empty()) LOSSMITH_CHECK(engine::write_safetensors(call.logits_file, {{"logits", inspection.logits}}));
    const Json answer = engine::inspection_json(inspection, *loaded->tokenizer);
    if (context.json())
        context.print_json(answer);
    else
        print_table(answer, context);
    return {};
}

}  // namespace

void add_inspect(CLI::App& app, Context& context) {
    auto call = std::make_shared<InspectCall>();
    Verb verb = context.add_verb(app, "inspect", "A text under a model: each token's probability, rank, entropy, loss and alternatives.",
                                 [call, &context] { return run_inspect(*call, context); });
    verb.add_option("--model", call->model, "\"starter\", a Hugging Face folder or PROJECT:RUN").capture_default_str();
    verb.add_option("--text", call->text, "The text; a special token written out is that token");
    verb.add_option("--ids", call->ids, "Token ids, with commas between").type_name("1,2,3");
    verb.add_option("--top-k", call->top_k, "How many alternatives at each place").range(0, 1000).capture_default_str();
    verb.add_option("--logits", call->logits_file, "Writes all logits [tokens, vocabulary] here").type_name("FILE.safetensors");
}

}  // namespace lossmith::cli
